using System.IO.Compression;
using System.Text;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;
using CitySafeSense.Sensing.Recordings;

namespace CitySafeSense.Science.Sensing;

public class ClientArchiveTests
{
    [Fact]
    public void Rows_go_to_whose_they_are_and_the_last_quarter_of_each_is_held_out()
    {
        var archive = Read(("X", "<f4", "8, 2", Floats(Enumerable.Range(0, 16).Select(i => (float)i))), ("y", "|u1", "8", [0, 1, 2, 0, 1, 2, 0, 1]), ("client", "|u1", "8", [7, 3, 7, 3, 7, 3, 7, 3]));
        Assert.Equal(["client-003", "client-007"], archive.Clients.Select(c => c.Client));
        Assert.Equal((2, 3), (archive.RowLength, archive.Classes));
        Assert.Equal([2f, 3, 6, 7, 10, 11], archive.Clients[0].Training);
        Assert.Equal([14f, 15], archive.Clients[0].Test);
        Assert.Equal([1], archive.Clients[0].TestLabels);
        Assert.Equal([0, 2, 1], archive.Clients[1].TrainingLabels);
    }

    [Fact]
    public void Offsets_cut_rows_into_clients_and_bytes_become_minus_one_to_one()
    {
        var archive = Read(
            ("train_images", "|u1", "3, 1, 2", [0, 255, 0, 255, 255, 255]), ("train_labels", "|u1", "3", [0, 1, 0]), ("train_offsets", "<i8", "3", Longs(0, 1, 3)),
            ("test_images", "|u1", "1, 1, 2", [255, 0]), ("test_labels", "|u1", "1", [1]), ("test_offsets", "<i8", "3", Longs(0, 0, 1)));
        Assert.Equal([-1f, 1f], archive.Clients[0].Training);
        Assert.Equal((0, 1, 2), (archive.Clients[0].TestLabels.Length, archive.Clients[1].TestLabels.Length, archive.Clients[1].TrainingLabels.Length));
        Assert.Equal([1, 2], archive.Shape);
    }

    [Fact]
    public void Folder_of_arrays_is_read_like_an_archive()
    {
        var folder = Directory.CreateTempSubdirectory("citysafe-arrays-");
        try
        {
            foreach (var (name, type, shape, data) in new[] { ("X", "<f4", "4, 1", Floats([1, 2, 3, 4])), ("y", "|u1", "4", (byte[])[0, 1, 0, 1]), ("client", "|u1", "4", [5, 5, 5, 5]) })
                File.WriteAllBytes(Path.Combine(folder.FullName, name + ".npy"), Npy(type, shape, data));
            File.WriteAllText(Path.Combine(folder.FullName, "README.txt"), "not an array");
            using var archive = NpzArchive.Open(folder.FullName);
            Assert.Equal(["X", "client", "y"], archive.Names);
            Assert.Equal([1f, 2, 3], ClientArchive.Read(archive).Clients.Single().Training);
            Assert.Contains("has no array \"z\"", Assert.Throws<RecordingException>(() => archive.Read("z")).Message);
            File.WriteAllText(Path.Combine(folder.FullName, "y.npy"), "not an array");
            Assert.Contains("/y", Assert.Throws<RecordingException>(() => ClientArchive.Read(archive)).Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("X", "X has 2 rows, y 3 and client 3")]
    [InlineData("offsets", "does not cut 0 to 2")]
    [InlineData("NaN", "value 1 is NaN")]
    [InlineData("class", "5000 is no class")]
    [InlineData("missing", "has no array \"y\"")]
    public void What_does_not_fit_is_named(string what, string says)
    {
        (string, string, string, byte[]) x = ("X", "<f4", "2, 1", Floats([1, 2])), y = ("y", "|u1", "2", [0, 1]), client = ("client", "|u1", "2", [0, 0]);
        Action read = what switch
        {
            "X" => () => Read(x, ("y", "|u1", "3", [0, 1, 0]), ("client", "|u1", "3", [0, 0, 0])),
            "NaN" => () => Read(("X", "<f4", "2, 1", Floats([1, float.NaN])), y, client),
            "class" => () => Read(x, ("y", "<i8", "2", Longs(0, 5000)), client),
            "missing" => () => Read(x, client),
            _ => () => Read(("train_images", "<f4", "2, 1", Floats([1, 2])), ("train_labels", "|u1", "2", [0, 1]), ("train_offsets", "<i8", "2", Longs(0, 3)), ("test_images", "<f4", "2, 1", Floats([1, 2])), ("test_labels", "|u1", "2", [0, 1]), ("test_offsets", "<i8", "2", Longs(0, 2))),
        };
        Assert.Contains(says, Assert.Throws<RecordingException>(read).Message);
    }

    [Fact]
    public void Turned_sensor_sees_the_same_strength_along_other_axes()
    {
        var window = SyntheticPeople.Draw(1, 0, 4).First().Window;
        var turned = SensorRotation.Random(new Rng(3)).Turn(window);
        for (var t = 0; t < 100; t++)
            foreach (var first in new[] { 0, 3 })
            {
                double Strength(SensorWindow w) => Enumerable.Range(first, 3).Sum(c => (double)w[c][t] * w[c][t]);
                Assert.Equal(Strength(window), Strength(turned), 1e-3 * (1 + Strength(window)));
            }
        Assert.NotEqual(window[0].ToArray(), turned[0].ToArray());
        for (var c = 6; c < 10; c++) Assert.Equal(window[c].ToArray(), turned[c].ToArray());
    }

    [Fact]
    public void Small_turns_have_the_angles_asked_for()
    {
        const double Degrees = 30;
        var values = new float[WindowSchema.Default.Length];
        Array.Fill(values, 1f, 0, WindowSchema.Default.Samples); // 1 m/s2 along the first axis
        var (window, rng, angles) = (new SensorWindow(WindowSchema.Default, values, ChannelGroups.Imu), new Rng(4), new List<double>());
        for (var i = 0; i < 4000; i++) angles.Add(double.RadiansToDegrees(Math.Acos(Math.Clamp(SensorRotation.Small(rng, Degrees).Turn(window)[0][0], -1, 1))));
        // A turn by a about a random axis moves a vector by 2 asin(sin(a/2) sin t), t between axis and vector; the mean of sin^2 t is 2/3.
        Assert.Equal(Degrees * Math.Sqrt(2.0 / 3), Math.Sqrt(angles.Average(a => a * a)), 1.5);
        Assert.Equal(window.Values.ToArray(), SensorRotation.Small(rng, 0).Turn(window).Values.ToArray());
    }

    [Fact]
    public void Weak_label_says_riding_of_whom_satellites_see_riding_and_nothing_else()
    {
        var windows = Enumerable.Range(0, 20).SelectMany(p => SyntheticPeople.Draw(1, p, 60)).ToArray();
        var labelled = windows.Where(w => WeakLabel.Of(w.Window) is not null).ToArray();
        Assert.True(labelled.Length > 20);
        Assert.All(labelled, w => Assert.Equal(ActivityClass.Riding, WeakLabel.Of(w.Window)));
        Assert.True(labelled.Count(w => w.Label == ActivityClass.Riding) > 0.9 * labelled.Length, "the rule is mostly right");
    }

    private static ClientArchive Read(params (string Name, string Type, string Shape, byte[] Data)[] arrays)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, type, shape, data) in arrays)
            {
                using var entry = zip.CreateEntry(name + ".npy").Open();
                entry.Write(Npy(type, shape, data));
            }
        stream.Position = 0;
        using var archive = new NpzArchive(stream, "made.npz");
        Assert.Equal(arrays[0].Name != "X" || arrays.Any(a => a.Name == "client"), ClientArchive.Is(archive));
        return ClientArchive.Read(archive);
    }

    private static byte[] Npy(string type, string shape, byte[] data)
    {
        var header = Encoding.Latin1.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': ({shape},), }}\n");
        return [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. header, .. data];
    }

    private static byte[] Floats(IEnumerable<float> values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static byte[] Longs(params long[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
