using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace CitySafeSense.Sensing.Recordings;

/// <summary>
/// One numpy array (NPY format 1.0, 2.0 and 3.0: numpy.lib.format), in C order and little-endian here whatever it was in the file. It knows numbers of every
/// size and fixed-width text; objects and structured types are refused by name.
/// </summary>
public sealed class NpyArray
{
    private const int MaxHeaderBytes = 65_536;
    private readonly byte[] bytes;

    private NpyArray(string name, NpyHeader header, byte[] bytes)
    {
        (Name, Kind, ItemBytes, Shape, Count) = (name, header.Kind, header.ItemBytes, header.Shape, (int)header.Count);
        this.bytes = bytes;
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    public IReadOnlyList<int> Shape { get; }

    /// <summary>numpy's kind: i, u, f, b, U or S.</summary>
    public char Kind { get; }

    public int ItemBytes { get; }

    public int Count { get; }

    /// <summary>Reads one array; <paramref name="length"/> is what the stream is known to hold, so that nothing is allocated on a liar's word.</summary>
    /// <exception cref="RecordingException">The bytes are not such an array; the message says where.</exception>
    public static NpyArray Read(string name, Stream stream, long length)
    {
        Span<byte> prefix = stackalloc byte[8];
        Fill(name, stream, prefix, "its magic number");
        if (prefix[0] != 0x93 || !prefix[1..6].SequenceEqual("NUMPY"u8)) throw new RecordingException($"{name}: does not start like a numpy array");
        if (prefix[6] is < 1 or > 3) throw new RecordingException($"{name}: NPY version {prefix[6]} is not known (1, 2 and 3 are)");
        Span<byte> sizeBytes = stackalloc byte[prefix[6] >= 2 ? 4 : 2];
        Fill(name, stream, sizeBytes, "its header's length");
        var size = sizeBytes.Length == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(sizeBytes) : BinaryPrimitives.ReadUInt16LittleEndian(sizeBytes);
        if (size > MaxHeaderBytes) throw new RecordingException($"{name}: a header of {size} bytes is beyond the limit of {MaxHeaderBytes}");
        var text = new byte[size];
        Fill(name, stream, text, "its header");
        var header = NpyHeader.Parse(name, Encoding.Latin1.GetString(text));
        if (header.Count > length / header.ItemBytes)
            throw new RecordingException($"{name}: {header.Count} items of {header.ItemBytes} bytes are promised, {length} bytes are there: the file is truncated; fetch it again");
        var data = new byte[header.Count * header.ItemBytes];
        Fill(name, stream, data, "its data");
        if (header.IsBigEndian) Swap(data, header.Kind == 'U' ? 4 : header.ItemBytes);
        return new(name, header, header.IsFortran && header.Shape.Length > 1 ? InCOrder(data, header) : data);
    }

    /// <summary>Numbers of any kind.</summary>
    /// <exception cref="RecordingException">It is text.</exception>
    public double[] AsDouble() => (Kind, ItemBytes) switch
    {
        ('f', 8) => Convert(static s => BinaryPrimitives.ReadDoubleLittleEndian(s)),
        ('f', 4) => Convert(static s => (double)BinaryPrimitives.ReadSingleLittleEndian(s)),
        ('f', 2) => Convert(static s => (double)BinaryPrimitives.ReadHalfLittleEndian(s)),
        ('U' or 'S', _) => throw Wrong("numbers are"),
        _ => Array.ConvertAll(AsInt64(), v => (double)v),
    };

    /// <summary>Whole numbers of any kind; floating-point ones where they are whole.</summary>
    /// <exception cref="RecordingException">It is text, or a number is not whole or too large.</exception>
    public long[] AsInt64() => (Kind, ItemBytes) switch
    {
        ('i', 8) => Convert(static s => BinaryPrimitives.ReadInt64LittleEndian(s)),
        ('i', 4) => Convert(static s => (long)BinaryPrimitives.ReadInt32LittleEndian(s)),
        ('i', 2) => Convert(static s => (long)BinaryPrimitives.ReadInt16LittleEndian(s)),
        ('i', 1) => Convert(static s => (long)(sbyte)s[0]),
        ('u', 8) => Convert(s => BinaryPrimitives.ReadUInt64LittleEndian(s) is <= long.MaxValue and var v ? (long)v : throw new RecordingException($"{Name}: {BinaryPrimitives.ReadUInt64LittleEndian(s)} is beyond what is read")),
        ('u', 4) => Convert(static s => (long)BinaryPrimitives.ReadUInt32LittleEndian(s)),
        ('u', 2) => Convert(static s => (long)BinaryPrimitives.ReadUInt16LittleEndian(s)),
        ('u' or 'b', 1) => Convert(static s => (long)s[0]),
        ('f', _) => Array.ConvertAll(AsDouble(), v => Math.Abs(v) < 1L << 53 && v == Math.Floor(v) ? (long)v : throw new RecordingException(string.Create(CultureInfo.InvariantCulture, $"{Name}: whole numbers are needed, and {v} is there"))),
        _ => throw Wrong("whole numbers are"),
    };

    /// <exception cref="RecordingException">It is of another type.</exception>
    public short[] AsInt16() => Kind == 'i' && ItemBytes == 2 ? Convert(static s => BinaryPrimitives.ReadInt16LittleEndian(s)) : throw Wrong("i2 is");

    /// <summary>Text, of UTF-32 or of bytes (Latin-1), without the zeros that fill it up.</summary>
    /// <exception cref="RecordingException">It is of another type.</exception>
    public string[] AsText()
    {
        if (Kind is not ('U' or 'S')) throw Wrong("text is");
        var texts = new string[Count];
        for (var i = 0; i < texts.Length; i++) texts[i] = (Kind == 'U' ? Encoding.UTF32 : Encoding.Latin1).GetString(bytes.AsSpan(i * ItemBytes, ItemBytes)).TrimEnd('\0');
        return texts;
    }

    /// <summary>Who or what something is: text as it is, whole numbers in digits.</summary>
    /// <exception cref="RecordingException">It is neither.</exception>
    public string[] AsNames() => Kind is 'U' or 'S' ? AsText() : Array.ConvertAll(AsInt64(), v => v.ToString(CultureInfo.InvariantCulture));

    /// <summary>Numbers of one byte without a sign, as they are.</summary>
    /// <exception cref="RecordingException">It is of another type.</exception>
    public byte[] AsBytes() => Kind == 'u' && ItemBytes == 1 ? bytes : throw Wrong("u1 is");

    /// <summary>Throws unless the shape is this one; -1 stands for any length.</summary>
    public NpyArray WithShape(params ReadOnlySpan<int> expected)
    {
        var fits = expected.Length == Shape.Count;
        for (var i = 0; fits && i < expected.Length; i++) fits = expected[i] < 0 || expected[i] == Shape[i];
        return fits ? this : throw new RecordingException(
            $"{Name}: shape ({string.Join(", ", Shape)}) is not ({string.Join(", ", expected.ToArray().Select(n => n < 0 ? "any" : n.ToString(CultureInfo.InvariantCulture)))})");
    }

    private RecordingException Wrong(string needed) => new($"{Name}: {needed} needed, {Kind}{(Kind == 'U' ? ItemBytes / 4 : ItemBytes)} is there");

    private delegate T Reader<out T>(ReadOnlySpan<byte> item);

    private T[] Convert<T>(Reader<T> read)
    {
        var values = new T[Count];
        for (var i = 0; i < values.Length; i++) values[i] = read(bytes.AsSpan(i * ItemBytes, ItemBytes));
        return values;
    }

    private static void Swap(byte[] data, int size)
    {
        if (size > 1)
            for (var at = 0; at < data.Length; at += size) data.AsSpan(at, size).Reverse();
    }

    /// <summary>From an order in which the first index changes fastest to one in which the last does.</summary>
    private static byte[] InCOrder(byte[] data, NpyHeader header)
    {
        var (ordered, shape, index) = (new byte[data.Length], header.Shape, new int[header.Shape.Length]);
        for (var to = 0; to < header.Count; to++)
        {
            long from = 0;
            for (var d = shape.Length - 1; d >= 0; d--) from = from * shape[d] + index[d];
            data.AsSpan((int)from * header.ItemBytes, header.ItemBytes).CopyTo(ordered.AsSpan(to * header.ItemBytes));
            for (var d = shape.Length - 1; d >= 0 && ++index[d] == shape[d]; d--) index[d] = 0;
        }
        return ordered;
    }

    private static void Fill(string name, Stream stream, Span<byte> target, string part)
    {
        if (stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) < target.Length)
            throw new RecordingException($"{name}: the file ends within {part}: it is truncated; fetch it again");
    }
}

/// <summary>A recording that cannot be read: the message names file, place and remedy.</summary>
public sealed class RecordingException(string message, Exception? inner = null) : Exception(message, inner);
