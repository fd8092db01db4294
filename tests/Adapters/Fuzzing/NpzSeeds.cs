using System.IO.Compression;
using System.Text;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.Tests.Fuzzing;

/// <summary>Small archives that are right, for mutation to begin with.</summary>
internal static class NpzSeeds
{
    private static readonly string[] channels = ["ax_g", "ay_g", "az_g", "gx_rad/s", "gy_rad/s", "gz_rad/s"];

    public static byte[] Imu() => Archive(
        ("signals", Npy("<i2", "(6, 600)", Shorts(6 * 600))), ("scale", Npy("<f8", "(6,)", Doubles(6))), ("channels", Npy("<U8", "(6,)", Texts(8, channels))), ("offsets", Npy("<i8", "(3,)", Longs(0, 300, 600))),
        ("labels", Npy("|i1", "(600,)", [.. Enumerable.Range(0, 600).Select(t => (byte)(1 + t / 120))])), ("user", Npy("<i8", "(2,)", Longs(1, 2))), ("fs", Npy("<i8", "()", Longs(50))),
        ("activity_names", Npy("<U8", "(7,)", Texts(8, "none", "walk", "up", "down", "sit", "stand", "lie"))));

    public static byte[] Falls() => Archive(
        ("signals", Npy("<i2", "(6, 600)", Shorts(6 * 600))), ("scale", Npy("<f4", "(6,)", [.. Enumerable.Repeat(BitConverter.GetBytes(0.001f), 6).SelectMany(b => b)])), ("channels", Npy("<U8", "(6,)", Texts(8, channels))),
        ("offsets", Npy("<i8", "(4,)", Longs(0, 250, 300, 600))), ("code", Npy("<U3", "(3,)", Texts(3, "F01", "D02", "D03"))), ("subject", Npy("|S4", "(3,)", Encoding.ASCII.GetBytes("SA01SA02SA01"))), ("fs", Npy("<f8", "()", BitConverter.GetBytes(50.0))));

    public static byte[] Clients() => Archive(
        ("X", Npy("<f4", "(40, 3)", [.. Enumerable.Range(0, 120).SelectMany(i => BitConverter.GetBytes(i / 10f))])), ("y", Npy("<i8", "(40,)", Longs([.. Enumerable.Range(0, 40).Select(i => i % 3L)]))), ("client", Npy("<i8", "(40,)", Longs([.. Enumerable.Range(0, 40).Select(i => i / 10L)]))));

    public static byte[] Rooms() => Archive(
        ("frames", Npy("|u1", "(4, 6, 8, 3)", new byte[4 * 6 * 8 * 3])), ("subject", Npy("<i8", "(4,)", Longs(1, 1, 2, 2))), ("kind", Npy("<U4", "(4,)", Texts(4, "ADL", "Fall", "ADL", "Fall"))), ("video", Npy("<U4", "(4,)", Texts(4, "a", "b", "a", "b"))),
        ("t", Npy("<f8", "(4,)", Doubles(4))), ("is_fall", Npy("|b1", "(4,)", [0, 1, 0, 1])));

    public static byte[] Frame() => WindowFrame.Encode(new WindowHeader("phone", 1, 1, 1_772_452_800_000, 0x89a8100c00fffff, 2, 1), SyntheticPeople.Draw(1, 0, 1)[0].Window);

    /// <summary>An array as numpy writes it.</summary>
    public static byte[] Npy(string type, string shape, byte[] data, bool isFortran = false)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': {(isFortran ? "True" : "False")}, 'shape': {shape}, }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.Latin1.GetBytes(header), .. data];
    }

    public static byte[] Archive(params (string Name, byte[] Array)[] arrays)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, array) in arrays)
            {
                using var entry = zip.CreateEntry($"{name}.npy", CompressionLevel.NoCompression).Open();
                entry.Write(array);
            }
        return stream.ToArray();
    }

    private static byte[] Shorts(int count) => [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes((short)(i * 37 % 2000 - 1000)))];

    private static byte[] Doubles(int count) => [.. Enumerable.Range(1, count).SelectMany(i => BitConverter.GetBytes(i * 0.001))];

    private static byte[] Longs(params long[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static byte[] Texts(int length, params string[] texts) => [.. texts.SelectMany(t => Encoding.UTF32.GetBytes(t.PadRight(length, '\0')))];
}
