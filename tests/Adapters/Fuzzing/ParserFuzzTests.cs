using System.Diagnostics;
using CitySafeSense.Geo;
using CitySafeSense.Recordings;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Recordings;
using CitySafeSense.Sensing.Rooms;
using CitySafeSense.Tables;
using Xunit.Abstractions;

namespace CitySafeSense.Tests.Fuzzing;

/// <summary>
/// Every parser of files and messages on mutated inputs: it reads them or refuses them by an exception of its own kind, within a bound of memory.
/// Seeded and a few hundred mutations each; CITYSAFE_FUZZ_SECONDS makes it go on for so long, with other seeds.
/// </summary>
public class ParserFuzzTests(ITestOutputHelper output)
{
    private const int Mutations = 400;
    private const long AllocatedMax = 512L << 20;

    public static TheoryData<string> Parsers => [.. parsers.Keys];

    private static readonly Dictionary<string, (Action<byte[]> Parse, Func<IEnumerable<byte[]>> Seeds)> parsers = new()
    {
        ["event tables"] = (bytes => EventTable.Read(new MemoryStream(bytes), "f"), () => CaseFile.Of("events").Select(f => CaseFile.Bytes(f)[..3000])),
        ["areas"] = (bytes => Cells(GeoJson.ReadArea(new MemoryStream(bytes), "f")), () => CaseFile.Of("areas").Select(CaseFile.Bytes)),
        ["window tables"] = (bytes => WindowTable.Read(new MemoryStream(bytes), "f").Count(), () => [CaseFile.Bytes("windows/quoted.csv")]),
        ["recordings"] = (bytes => OfArchive(bytes, a => ActivitySegments.Split(ImuRecordings.Read(a), [1, 2, 3, 4, 5, 6])), () => [NpzSeeds.Imu()]),
        ["falls"] = (bytes => OfArchive(bytes, a => FallRecordings.Are(a) ? FallRecordings.Read(a).Windows.Count : 0), () => [NpzSeeds.Falls()]),
        ["clients"] = (bytes => OfArchive(bytes, ClientArchive.Read), () => [NpzSeeds.Clients()]),
        ["rooms"] = (bytes => OfArchive(bytes, a => RoomClip.Read(a).Count), () => [NpzSeeds.Rooms()]),
        ["window frames"] = (bytes => WindowFrame.Decode(bytes, true, out _, out _), () => [NpzSeeds.Frame()]),
        ["events"] = (bytes => DeviceEventJson.Decode(bytes, out _), () => ["""{"device":"lamp","timestamp":"2026-11-26T12:00:00Z","event":"mugging","probability":0.87,"vector":[1.5,-2,0],"cell":"89a8100c00fffff"}"""u8.ToArray()]),
    };

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Mutated_input_is_read_or_refused_by_name(string parser)
    {
        var (parse, seeds) = parsers[parser];
        byte[][] inputs = [.. seeds()];
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("CITYSAFE_FUZZ_SECONDS"), out var asked) ? asked : 0;
        var (started, executions, refused) = (Stopwatch.GetTimestamp(), 0, 0);
        for (var seed = 0; seconds > 0 ? Stopwatch.GetElapsedTime(started).TotalSeconds < seconds : seed < Mutations; seed++, executions++)
        {
            var mutated = Mutation.Of(inputs[seed % inputs.Length], new Random(seed));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                parse(mutated);
            }
            catch (Exception e) when (e is TableException or RecordingException or FormatException || (e is ArgumentException && parser == "areas"))
            {
                refused++;
                Assert.True(e.Message.Length < 4000, $"seed {seed}: {e.Message}");
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{parser}, seed {seed}, {mutated.Length} bytes: {Convert.ToBase64String(mutated[..Math.Min(200, mutated.Length)])}", e);
            }
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < AllocatedMax, $"{parser}, seed {seed}: {GC.GetAllocatedBytesForCurrentThread() - before} bytes allocated");
        }
        output.WriteLine($"{parser}: {executions} executions, {refused} refused");
        Assert.True(refused > 0 || parser is "window frames" or "events", "nothing was refused: the mutations do not reach it");
    }

    private static int Cells(Area area) => area.Cells(4).Count;

    private static void OfArchive<T>(byte[] bytes, Func<NpzArchive, T> read)
    {
        using var archive = new NpzArchive(new MemoryStream(bytes), "f");
        read(archive);
    }
}
