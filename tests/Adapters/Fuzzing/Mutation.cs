using System.IO.Compression;

namespace CitySafeSense.Tests.Fuzzing;

/// <summary>A few changes of an input: bits, numbers that are never right, parts cut out, doubled or exchanged. Archives are changed within, where their parts are not compressed.</summary>
internal static class Mutation
{
    private static readonly byte[][] tokens =
    [
        "-1"u8.ToArray(), "0"u8.ToArray(), "1e30"u8.ToArray(), "nan"u8.ToArray(), "99999999999999999999"u8.ToArray(), "\""u8.ToArray(), ","u8.ToArray(), ";"u8.ToArray(), "\r\n"u8.ToArray(), "null"u8.ToArray(), "[]"u8.ToArray(),
        "{}"u8.ToArray(), "[["u8.ToArray(), "\0"u8.ToArray(), [0xFF, 0xFE], [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0, 0, 0, 0, 0], "True"u8.ToArray(), "<i8"u8.ToArray(), ">f4"u8.ToArray(), "|O"u8.ToArray(), "(0,)"u8.ToArray(),
    ];

    public static byte[] Of(byte[] input, Random random) => input is [(byte)'P', (byte)'K', ..] && random.Next(10) > 0 ? OfArchive(input, random) : OfBytes(input, random);

    private static byte[] OfBytes(byte[] input, Random random)
    {
        var bytes = input.ToList();
        for (var n = random.Next(1, 5); n > 0 && bytes.Count > 0; n--)
        {
            // Most that can be wrong is at the beginning.
            var at = random.Next(2) == 0 ? random.Next(bytes.Count) : random.Next(Math.Min(bytes.Count, 256));
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length)); break;
                case 4: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes.InsertRange(random.Next(3) == 0 ? at : at, tokens[random.Next(tokens.Length)]); break;
            }
        }
        return [.. bytes];
    }

    /// <summary>Drops an entry, renames it, or changes what is in it.</summary>
    private static byte[] OfArchive(byte[] input, Random random)
    {
        using var changed = new MemoryStream();
        using (var source = new ZipArchive(new MemoryStream(input)))
        using (var target = new ZipArchive(changed, ZipArchiveMode.Create, leaveOpen: true))
        {
            var victim = random.Next(source.Entries.Count);
            for (var i = 0; i < source.Entries.Count; i++)
            {
                using var content = new MemoryStream();
                using (var stream = source.Entries[i].Open()) stream.CopyTo(content);
                if (i == victim && random.Next(12) == 0) continue;
                using var written = target.CreateEntry(source.Entries[i].FullName, CompressionLevel.NoCompression).Open();
                written.Write(i == victim || random.Next(8) == 0 ? OfBytes(content.ToArray(), random) : content.ToArray());
            }
        }
        return changed.ToArray();
    }
}
