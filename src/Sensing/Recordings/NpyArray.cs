using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CitySafeSense.Sensing.Recordings;

/// <summary>
/// One numpy array in memory, C order, little-endian (NPY format 1.0, 2.0 and 3.0: numpy.lib.format). It knows numbers and
/// fixed-width text; objects, structured types and Fortran order are refused by name.
/// </summary>
public sealed partial class NpyArray
{
    private const int MaxHeaderBytes = 65_536;
    private readonly byte[] bytes;

    private NpyArray(string name, char kind, int itemBytes, int[] shape, byte[] bytes)
    {
        Name = name;
        Kind = kind;
        ItemBytes = itemBytes;
        Shape = shape;
        this.bytes = bytes;
    }

    public string Name { get; }
    public IReadOnlyList<int> Shape { get; }

    /// <summary>numpy's kind: i, u, f, b or U.</summary>
    public char Kind { get; }

    public int ItemBytes { get; }
    public int Count => bytes.Length / ItemBytes;

    /// <summary>Reads one array; <paramref name="length"/> is what the stream is known to hold, so that nothing is allocated on a liar's word.</summary>
    /// <exception cref="RecordingException">The bytes are not such an array; the message says where.</exception>
    public static NpyArray Read(string name, Stream stream, long length)
    {
        Span<byte> prefix = stackalloc byte[8];
        Fill(name, stream, prefix, "its magic number");
        if (prefix[0] != 0x93 || !prefix[1..6].SequenceEqual("NUMPY"u8))
            throw new RecordingException($"{name}: does not start like a numpy array");
        var wide = prefix[6] >= 2;
        if (prefix[6] is < 1 or > 3) throw new RecordingException($"{name}: NPY version {prefix[6]} is not known (1, 2 and 3 are)");
        Span<byte> sizeBytes = stackalloc byte[wide ? 4 : 2];
        Fill(name, stream, sizeBytes, "its header's length");
        var size = wide ? BinaryPrimitives.ReadUInt32LittleEndian(sizeBytes) : BinaryPrimitives.ReadUInt16LittleEndian(sizeBytes);
        if (size > MaxHeaderBytes) throw new RecordingException($"{name}: a header of {size} bytes is beyond the limit of {MaxHeaderBytes}");
        var header = new byte[size];
        Fill(name, stream, header, "its header");
        var (kind, itemBytes, shape) = Parse(name, Encoding.Latin1.GetString(header));
        long count = 1;
        foreach (var n in shape) count = checked(count * n);
        var expected = count * itemBytes;
        if (expected > length) throw new RecordingException($"{name}: {expected} bytes are promised, {length} are there: the file is truncated; fetch it again");
        var data = new byte[expected];
        Fill(name, stream, data, "its data");
        return new NpyArray(name, kind, itemBytes, shape, data);
    }

    public short[] AsInt16() => Convert('i', 2, static (s, i) => BinaryPrimitives.ReadInt16LittleEndian(s[(2 * i)..]));

    public double[] AsDouble() => (Kind, ItemBytes) switch
    {
        ('f', 8) => Convert('f', 8, static (s, i) => BinaryPrimitives.ReadDoubleLittleEndian(s[(8 * i)..])),
        _ => Convert('f', 4, static (s, i) => (double)BinaryPrimitives.ReadSingleLittleEndian(s[(4 * i)..])),
    };

    public long[] AsInt64() => (Kind, ItemBytes) switch
    {
        ('i', 8) => Convert('i', 8, static (s, i) => BinaryPrimitives.ReadInt64LittleEndian(s[(8 * i)..])),
        ('i', 4) => Convert('i', 4, static (s, i) => (long)BinaryPrimitives.ReadInt32LittleEndian(s[(4 * i)..])),
        ('i', 2) => Convert('i', 2, static (s, i) => (long)BinaryPrimitives.ReadInt16LittleEndian(s[(2 * i)..])),
        ('u', 1) or ('b', 1) => Convert(Kind, 1, static (s, i) => (long)s[i]),
        _ => Convert('i', 1, static (s, i) => (long)(sbyte)s[i]),
    };

    public string[] AsText()
    {
        if (Kind != 'U') throw new RecordingException($"{Name}: text is needed, {Kind}{ItemBytes} is there");
        var texts = new string[Count];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = Encoding.UTF32.GetString(bytes.AsSpan(i * ItemBytes, ItemBytes)).TrimEnd('\0');
        return texts;
    }

    /// <summary>Numbers of one byte without a sign, as they are.</summary>
    public byte[] AsBytes() => Kind == 'u' && ItemBytes == 1 ? bytes : throw new RecordingException($"{Name}: type u1 is needed, {Kind}{ItemBytes} is there");

    /// <summary>Throws unless the shape is this one; -1 stands for any length.</summary>
    public NpyArray WithShape(params ReadOnlySpan<int> expected)
    {
        var fits = expected.Length == Shape.Count;
        for (var i = 0; fits && i < expected.Length; i++) fits = expected[i] < 0 || expected[i] == Shape[i];
        return fits ? this : throw new RecordingException(
            $"{Name}: shape ({string.Join(", ", Shape)}) is not ({string.Join(", ", expected.ToArray().Select(n => n < 0 ? "any" : n.ToString(CultureInfo.InvariantCulture)))})");
    }

    private delegate T Reader<out T>(ReadOnlySpan<byte> source, int index);

    private T[] Convert<T>(char kind, int itemBytes, Reader<T> read)
    {
        if (Kind != kind || ItemBytes != itemBytes)
            throw new RecordingException($"{Name}: type {kind}{itemBytes} is needed, {Kind}{ItemBytes} is there");
        var values = new T[Count];
        for (var i = 0; i < values.Length; i++) values[i] = read(bytes, i);
        return values;
    }

    private static (char Kind, int ItemBytes, int[] Shape) Parse(string name, string header)
    {
        var type = TypePattern().Match(header);
        if (!type.Success) throw new RecordingException($"{name}: its header names no plain type: {header.Trim()}");
        if (type.Groups[1].Value == ">") throw new RecordingException($"{name}: big-endian data are not read; save it little-endian");
        if (FortranPattern().IsMatch(header)) throw new RecordingException($"{name}: Fortran order is not read; save it in C order");
        var shape = ShapePattern().Match(header);
        if (!shape.Success) throw new RecordingException($"{name}: its header has no shape: {header.Trim()}");
        var kind = type.Groups[2].Value[0];
        var size = int.Parse(type.Groups[3].Value, CultureInfo.InvariantCulture);
        if (size is < 1 or > 4096) throw new RecordingException($"{name}: items of {size} bytes are not read");
        int[] sizes = [.. shape.Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(n => int.TryParse(n, CultureInfo.InvariantCulture, out var v) && v >= 0 ? v : throw new RecordingException($"{name}: \"{n}\" is not a length"))];
        return (kind, kind == 'U' ? 4 * size : size, sizes);
    }

    private static void Fill(string name, Stream stream, Span<byte> target, string part)
    {
        if (stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) < target.Length)
            throw new RecordingException($"{name}: the file ends within {part}: it is truncated; fetch it again");
    }

    [GeneratedRegex(@"'descr':\s*'([<>|=])([iufbU])(\d+)'")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"'fortran_order':\s*True")]
    private static partial Regex FortranPattern();

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex ShapePattern();
}

/// <summary>A recording that cannot be read: the message names file, place and remedy.</summary>
public sealed class RecordingException(string message, Exception? inner = null) : Exception(message, inner);
