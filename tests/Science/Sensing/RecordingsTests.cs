using System.IO.Compression;
using System.Text;
using CitySafeSense.Sensing.Recordings;

namespace CitySafeSense.Science.Sensing;

public class RecordingsTests
{
    [Fact]
    public void Arrays_of_each_type_are_read()
    {
        Assert.Equal([1L, -2], Npy("<i8", "(2,)", [.. BitConverter.GetBytes(1L), .. BitConverter.GetBytes(-2L)]).AsInt64());
        Assert.Equal([1.5, 2.5], Npy("<f4", "(2,)", [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(2.5f)]).AsDouble());
        Assert.Equal([(short)-7], Npy("<i2", "(1,)", BitConverter.GetBytes((short)-7)).AsInt16());
        Assert.Equal(["ab", "c"], Npy("<U2", "(2,)", [.. Encoding.UTF32.GetBytes("ab"), .. Encoding.UTF32.GetBytes("c"), 0, 0, 0, 0]).AsText());
    }

    [Theory]
    [InlineData("<f4", "(3,)", 8, "truncated")]
    [InlineData(">f4", "(2,)", 8, "big-endian")]
    [InlineData("|O", "(2,)", 8, "no plain type")]
    [InlineData("<f4", "(-2,)", 8, "not a length")]
    public void What_cannot_be_read_says_why(string type, string shape, int bytes, string reason) =>
        Assert.Contains(reason, Assert.Throws<RecordingException>(() => Npy(type, shape, new byte[bytes])).Message);

    [Fact]
    public void Wrong_type_or_shape_names_both()
    {
        var array = Npy("<f4", "(2,)", new byte[8]);
        Assert.Contains("i2 is needed, f4 is there", Assert.Throws<RecordingException>(() => array.AsInt16()).Message);
        Assert.Contains("(2) is not (any, 6)", Assert.Throws<RecordingException>(() => array.WithShape(-1, 6)).Message);
    }

    [Fact]
    public void Archive_cut_anywhere_is_refused_with_its_name()
    {
        using var whole = new MemoryStream();
        using (var zip = new ZipArchive(whole, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = zip.CreateEntry("signals.npy").Open())
            entry.Write(Bytes("<f4", "(1000,)", new byte[4000]));
        var bytes = whole.ToArray();
        for (var length = 0; length < bytes.Length; length += 37)
        {
            var error = Assert.Throws<RecordingException>(() =>
            {
                using var archive = new NpzArchive(new MemoryStream(bytes[..length]), "cut.npz");
                archive.Read("signals");
            });
            Assert.Contains("cut.npz", error.Message);
        }
    }

    [Fact]
    public void Missing_array_lists_those_that_exist()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true)) zip.CreateEntry("user.npy").Open().Dispose();
        stream.Position = 0;
        using var archive = new NpzArchive(stream, "x.npz");
        Assert.Contains("\"signals\" (it has user)", Assert.Throws<RecordingException>(() => archive.Read("signals")).Message);
    }

    [RecordingsFact("hapt_50hz.npz")]
    public void Hapt_gives_21_people_and_the_known_test_windows()
    {
        using var archive = new NpzArchive(File.OpenRead(RecordingsFactAttribute.Find("hapt_50hz.npz")!), "hapt_50hz.npz");
        var people = ActivitySegments.Split(ImuRecordings.Read(archive), [1, 2, 3, 4, 5, 6]);
        Assert.Equal(21, people.Count);
        Assert.Equal([735, 463, 425, 879, 913, 944], Enumerable.Range(0, 6).Select(c => people.Sum(p => p.Test.Count(w => w.Label == c))));
        var standing = people.SelectMany(p => p.Training).First(w => w.Label == 4).Window;
        Assert.InRange(Math.Sqrt(Enumerable.Range(0, 3).Sum(c => Math.Pow(standing[c].ToArray().Average(v => (double)v), 2))), 9.3, 10.6);
    }

    private static NpyArray Npy(string type, string shape, byte[] data)
    {
        var bytes = Bytes(type, shape, data);
        return NpyArray.Read("test", new MemoryStream(bytes), bytes.Length);
    }

    private static byte[] Bytes(string type, string shape, byte[] data)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.Latin1.GetBytes(header), .. data];
    }
}
