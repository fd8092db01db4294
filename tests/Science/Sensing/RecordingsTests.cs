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

    /// <summary>numpy writes what its machine and its user have: every size, either order, and other writers have headers of their own.</summary>
    [Fact]
    public void Arrays_of_other_machines_orders_and_writers_are_read()
    {
        Assert.Equal([1L, 258], Npy(">i2", "(2,)", [0, 1, 1, 2]).AsInt64());
        Assert.Equal([1.5], Npy(">f8", "(1,)", [.. BitConverter.GetBytes(1.5).Reverse()]).AsDouble());
        Assert.Equal(["ab"], Npy(">U2", "(1,)", Encoding.GetEncoding("utf-32BE").GetBytes("ab")).AsText());
        Assert.Equal([0.5, 2], Npy("<f2", "(2,)", [.. BitConverter.GetBytes((Half)0.5), .. BitConverter.GetBytes((Half)2)]).AsDouble());
        Assert.Equal([65535L], Npy("<u2", "(1,)", [255, 255]).AsInt64());
        Assert.Equal([4294967295.0], Npy("<u4", "(1,)", [255, 255, 255, 255]).AsDouble());
        Assert.Equal([7L, -1], Npy("<f8", "(2,)", [.. BitConverter.GetBytes(7.0), .. BitConverter.GetBytes(-1.0)]).AsInt64());
        Assert.Contains("whole numbers are needed, and 7.5 is there", Assert.Throws<RecordingException>(() => Npy("<f8", "(1,)", BitConverter.GetBytes(7.5)).AsInt64()).Message);
        Assert.Contains("18446744073709551615 is beyond", Assert.Throws<RecordingException>(() => Npy("<u8", "(1,)", [255, 255, 255, 255, 255, 255, 255, 255]).AsInt64()).Message);
        Assert.Equal(["SA01", "S2"], Npy("|S4", "(2,)", "SA01S2\0\0"u8.ToArray()).AsNames());
        Assert.Equal(["3", "-4"], Npy("|i1", "(2,)", [3, 252]).AsNames());
        // [[1, 2, 3], [4, 5, 6]], the first index fastest.
        Assert.Equal([1L, 2, 3, 4, 5, 6], NpyArray.Read("x", new MemoryStream(Header("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3)}", [1, 4, 2, 5, 3, 6])), 6).AsInt64());
        var three = NpyArray.Read("x", new MemoryStream(Header("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 1, 2)}", [1, 3, 2, 4])), 4);
        Assert.Equal([1L, 2, 3, 4], three.AsInt64());
        Assert.Equal([1L, 2], NpyArray.Read("x", new MemoryStream(Header("{\"shape\": (2L,), \"fortran_order\": False, \"descr\": \"=i1\"}", [1, 2])), 2).AsInt64());
    }

    [Theory]
    [InlineData("acc_x_g", false, 9.80665)]
    [InlineData("ax (m/s2)", false, 1.0)]
    [InlineData("gravity_x_m/s2", false, 1.0)]
    [InlineData("az [mg]", false, 0.00980665)]
    [InlineData("gyr_x_rads", true, 1.0)]
    [InlineData("gyro_z_dps", true, Math.PI / 180)]
    [InlineData("gx deg/s", true, Math.PI / 180)]
    [InlineData("gyro_x", true, null)] // the g of gyro is no unit
    [InlineData("gravity_x", false, null)]
    [InlineData("acc_x_rad/s", false, null)]
    [InlineData("gyr_x_g", true, null)]
    [InlineData("acc_g_m/s2", false, null)]
    public void Unit_is_a_whole_word_of_what_a_channel_measures(string channel, bool isRotation, double? factor)
    {
        if (factor is { } known) Assert.Equal(known, ChannelUnit.Factor(channel, isRotation), 1e-12);
        else Assert.Contains($"\"{channel}\" names", Assert.Throws<RecordingException>(() => ChannelUnit.Factor(channel, isRotation)).Message);
    }

    [Theory]
    [InlineData("<f4", "(3,)", 8, "truncated")]
    [InlineData("<f3", "(2,)", 6, "type f3 is not read")]
    [InlineData("<V4", "(2,)", 8, "no plain type")]
    [InlineData("|O", "(2,)", 8, "Python objects are not read; save names as text")]
    [InlineData("<f4", "(4294967296, 4294967296)", 8, "not a length")]
    [InlineData("<f4", "(2147483647, 2147483647, 2147483647)", 8, "truncated")]
    [InlineData("<f4", "(1, 1, 1, 1, 1, 1, 1, 1, 1)", 8, "at most 8")]
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

    private static byte[] Header(string header, byte[] data) => [0x93, .. "NUMPY"u8, 1, 0, (byte)(header.Length + 1), 0, .. Encoding.Latin1.GetBytes(header), (byte)'\n', .. data];
}
