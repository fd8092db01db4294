using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using CitySafeSense.Adapters.Video;

namespace CitySafeSense.EndToEnd;

/// <summary>`simulate rooms`, which exists where the in-process host does.</summary>
public sealed class RoomCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Rooms_are_judged_beside_a_baseline_and_fewer_than_wanted_are_said()
    {
        var path = Path.Combine(folder, "rooms.npz");
        Write(path);
        string[] arguments = ["simulate", "rooms", "--data", path, "--out", "learned", "--clients", "3", "--model", "micro-autoencoder", "--rounds", "2", "--epochs", "1", "--seeds", "1", "--strategy", "fedavg,central", "--new-rooms", "--json"];
        var (first, second) = (await Citysafe.Run(folder, arguments), await Citysafe.Run(folder, arguments));
        Assert.Equal((0, 0), (first.Code, second.Code));
        Assert.Contains("rooms.npz has 2 rooms, not 3", first.Error);
        var (answer, again) = (JsonNode.Parse(first.Output)!.AsObject(), JsonNode.Parse(second.Output)!.AsObject());
        Assert.Equal(["background-difference", "fedavg", "central"], answer["strategies"]!.AsObject().Select(s => s.Key));
        Assert.Equal([true, false], answer["rooms"]!.AsArray().Select(r => (bool)r!["one_clip_cut"]!));
        Assert.Equal(1, (double)answer["strategies"]!["background-difference"]!["pooled"]!["clip_auroc"]!["mean"]!); // what falls is the only thing that moves
        Assert.NotNull(answer["new_rooms"]!["pooled"]!["frame_auroc"]);
        Assert.Equal("micro-autoencoder", (string)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "learned", "room.json")))!["model"]!);
        answer.Remove("seconds");
        again.Remove("seconds");
        Assert.Equal(answer.ToJsonString(), again.ToJsonString());
    }

    [Fact]
    public async Task Room_with_few_frames_is_asked_and_scores_are_chosen_by_other_rooms()
    {
        var path = Path.Combine(folder, "rooms.npz");
        Write(path);
        var run = await Citysafe.Run(folder, "simulate", "rooms", "--data", path, "--model", "micro-bottleneck-autoencoder", "--rounds", "2", "--seeds", "1", "--strategy", "fedavg,local", "--few", "6", "--json");
        Assert.Equal(0, run.Code);
        var answer = JsonNode.Parse(run.Output)!;
        Assert.Null(answer["few_frames"]!["local"]!["pooled"]!["lead_over_local"]);
        Assert.NotNull(answer["few_frames"]!["fedavg"]!["pooled"]!["lead_over_local"]);
        Assert.Equal(["frames", "fedavg", "local"], answer["few_frames"]!.AsObject().Select(f => f.Key));
        var chosen = answer["strategies"]!["fedavg"]!["pooled_by_score"]!["chosen_by_other_rooms"]!["by_room"]!.AsObject();
        Assert.Equal(["room-1", "room-2"], chosen.Select(c => c.Key));
        Assert.All(chosen, c => Assert.NotNull(answer["strategies"]!["fedavg"]!["pooled_by_score"]![(string)c.Value!]));
    }

    [FfmpegFact]
    public async Task Rooms_are_read_from_folders_of_videos_and_images_and_drawn()
    {
        foreach (var room in new[] { "attic", "kitchen" })
        {
            Directory.CreateDirectory(Path.Combine(folder, "rooms", room, "normal", "stills"));
            Directory.CreateDirectory(Path.Combine(folder, "rooms", room, "anomaly"));
            Films.Make(folder, $"rooms/{room}/normal/one.mp4", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=4");
            Films.Make(folder, $"rooms/{room}/normal/stills/%02d.png", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=3");
            Films.Make(folder, $"rooms/{room}/anomaly/odd.mp4", "-f", "lavfi", "-i", "color=c=white:size=64x48:rate=5:duration=2");
        }
        var run = await Citysafe.Run(folder, "simulate", "rooms", "--data", "rooms", "--model", "micro-autoencoder", "--rounds", "2", "--seeds", "1", "--strategy", "fedavg", "--charts", "charts", "--out", "learned", "--json");
        Assert.Equal((0, true), (run.Code, run.Error.Contains("rooms has 2 rooms, not 5", StringComparison.Ordinal)));
        Assert.Equal(["attic 20 1 1", "kitchen 20 1 1"], JsonNode.Parse(run.Output)!["rooms"]!.AsArray().Select(r => $"{r!["room"]} {r["training_frames"]} {r["held_out_daily_clips"]} {r["fall_clips"]}"));

        var (scores, roc, pictures) = (Chart("scores"), Chart("roc"), Chart("reconstructions"));
        Assert.Equal(2 * (15 + 10), scores["data"]!["values"]!.AsArray().Count);
        Assert.Equal(2, roc["data"]!["values"]!.AsArray().Select(v => (string)v!["strategy"]!).Distinct().Count());
        var begins = await Citysafe.Run(folder, "edge", "detect", "--source", "rooms/attic/normal/one.mp4", "--learn", "10", "--start", "learned", "--json");
        Assert.Equal((0, 10), (begins.Code, (int)JsonNode.Parse(begins.Output.Trim().Split('\n')[^1])!["summary"]!["learning"]!));
        Assert.Contains("not of --model simple-autoencoder", (await Citysafe.Run(folder, "edge", "detect", "--source", "rooms/attic/normal/one.mp4", "--model", "simple-autoencoder", "--start", "learned")).Error);
        await File.WriteAllBytesAsync(Path.Combine(folder, "learned", "weights.bin"), new byte[8]);
        Assert.Contains("weights.bin", (await Citysafe.Run(folder, "edge", "detect", "--source", "rooms/attic/normal/one.mp4", "--start", "learned")).Error);
        var picture = (string)pictures["data"]!["values"]![0]!["picture"]!;
        await File.WriteAllBytesAsync(Path.Combine(folder, "input.png"), Convert.FromBase64String(picture["data:image/png;base64,".Length..]));
        Assert.Equal(32 * 32 * 3, new FileInfo(Films.Make(folder, "input.rgb", "-i", Path.Combine(folder, "input.png"), "-f", "rawvideo")).Length * 2); // in yuv420p half as much

        JsonNode Chart(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "charts", $"{name}.vl.json")))!;
    }

    [Fact]
    public async Task Model_for_a_microcontroller_fits_and_its_c_gives_the_same_bits()
    {
        var path = Path.Combine(folder, "rooms.npz");
        Write(path);
        var run = await Citysafe.Run(folder, "simulate", "micro", "--data", path, "--rounds", "3", "--epochs", "1", "--out", "firmware", "--json");
        Assert.Contains("void model_see(const uint8_t frame[MODEL_INPUT_LENGTH]", await File.ReadAllTextAsync(Path.Combine(folder, "firmware", "model.h")));
        var answer = JsonNode.Parse(run.Output)!;
        Assert.Equal((0, true, 777), (run.Code, (bool)answer["fits"]!, (int)answer["parameters"]!));
        Assert.InRange((int)answer["frames_compared"]!, 30, 60);
        Assert.True(answer["c_is_bit_identical"] is null || (bool)answer["c_is_bit_identical"]!); // nothing is said where there is no compiler
        Assert.True(answer["cortex_m4_is_bit_identical"] is null || (bool)answer["cortex_m4_is_bit_identical"]!); // nor where there is no emulator
        Assert.InRange((double)answer["difference"]!, 0, 0.1);
    }

    [Theory]
    [InlineData("simulate micro --data missing.npz", 1, "missing.npz")]
    [InlineData("simulate rooms --data missing.npz", 1, "missing.npz")]
    [InlineData("simulate rooms --data missing.npz --score best", 2, "worst-patch")]
    [InlineData("simulate rooms --data missing.npz --rounds 0", 2, "--rounds and --epochs")]
    [InlineData("simulate rooms --data missing.npz --few 1", 2, "--few must be 2 to 10000")]
    [InlineData("simulate rooms --data missing.npz --model tcn", 2, "bottleneck-autoencoder")]
    [InlineData("simulate micro --data missing.npz --model bottleneck-autoencoder", 2, "19083 parameters, 800 at most")]
    [InlineData("simulate rooms --data .", 1, "no room in it")]
    public async Task Misuse_is_one_clear_line_on_stderr(string arguments, int code, string says)
    {
        var run = await Citysafe.Run(folder, arguments.Split(' '));
        Assert.Equal((code, ""), (run.Code, run.Output));
        Assert.Contains(says, run.Error);
    }

    [Fact]
    public async Task Archive_that_is_not_of_rooms_is_refused_by_name()
    {
        var path = Path.Combine(folder, "other.npz");
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create)) Add(zip, "frames", "|u1", "(2, 4, 4)", new byte[32]);
        var run = await Citysafe.Run(folder, "simulate", "rooms", "--data", path);
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("frames: shape (2, 4, 4) is not (any, any, any, 3)", run.Error);
    }

    /// <summary>Two people: one with a clip of daily life, one with two; each falls once, which is a bright half of the picture.</summary>
    private static void Write(string path)
    {
        const int width = 12, height = 8;
        var clips = new[] { (1, "ADL", "a", 30), (1, "Fall", "b", 10), (2, "ADL", "a", 12), (2, "ADL", "c", 12), (2, "Fall", "b", 10) };
        var (frames, subjects, kinds, videos, times, falls) = (new List<byte>(), new List<byte>(), new List<string>(), new List<string>(), new List<float>(), new List<byte>());
        foreach (var (subject, kind, video, count) in clips)
            for (var f = 0; f < count; f++)
            {
                var isFall = kind == "Fall" && f is >= 5 and < 9;
                for (var i = 0; i < width * height * 3; i++) frames.Add((byte)(isFall && i > width * height * 3 / 2 ? 250 : 60 * subject));
                subjects.Add((byte)subject);
                kinds.Add(kind);
                videos.Add(video);
                times.Add(0.2f * f);
                falls.Add((byte)(isFall ? 1 : 0));
            }
        var n = subjects.Count;
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        Add(zip, "frames", "|u1", $"({n}, {height}, {width}, 3)", [.. frames]);
        Add(zip, "subject", "|u1", $"({n},)", [.. subjects]);
        Add(zip, "kind", "<U4", $"({n},)", [.. kinds.SelectMany(k => Encoding.UTF32.GetBytes(k.PadRight(4, '\0')))]);
        Add(zip, "video", "<U1", $"({n},)", [.. videos.SelectMany(Encoding.UTF32.GetBytes)]);
        Add(zip, "t", "<f4", $"({n},)", [.. times.SelectMany(BitConverter.GetBytes)]);
        Add(zip, "is_fall", "|u1", $"({n},)", [.. falls]);
    }

    private static void Add(ZipArchive zip, string name, string type, string shape, byte[] data)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}\n";
        using var stream = zip.CreateEntry($"{name}.npy").Open();
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.Latin1.GetBytes(header), .. data]);
    }
}
