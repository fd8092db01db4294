using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CitySafeSense.Federation;

/// <summary>What a server optimiser remembers between rounds: vectors as long as the weights. Bytes are version 1, little-endian.</summary>
public sealed record ServerMemory(long Steps, IReadOnlyList<float[]> Vectors)
{
    private const int Version = 1, HeaderBytes = 20;

    public static ServerMemory None { get; } = new(0, []);

    public bool IsEmpty => Vectors.Count == 0;

    /// <summary>A vector, or a fresh one of another strategy's or no memory.</summary>
    public float[] Vector(int index, int length, float fresh = 0)
    {
        if (index < Vectors.Count && Vectors[index].Length == length) return Vectors[index];
        var vector = new float[length];
        Array.Fill(vector, fresh);
        return vector;
    }

    public byte[] Encode()
    {
        var length = Vectors.Count == 0 ? 0 : Vectors[0].Length;
        var bytes = new byte[HeaderBytes + 4 * Vectors.Count * length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), Steps);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Vectors.Count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), length);
        for (var v = 0; v < Vectors.Count; v++) MemoryMarshal.AsBytes(Vectors[v].AsSpan()).CopyTo(bytes.AsSpan(HeaderBytes + 4 * v * length));
        return bytes;
    }

    /// <exception cref="FormatException">The bytes are no memory of a known version.</exception>
    public static ServerMemory Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes) throw new FormatException($"a server's memory has at least {HeaderBytes} bytes, not {bytes.Length}");
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (version != Version) throw new FormatException($"server memory of version {version}; this build knows {Version}");
        var (steps, count, length) = (BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]));
        if (count < 0 || length < 0 || HeaderBytes + 4L * count * length != bytes.Length) throw new FormatException($"{count} vectors of {length} do not have {bytes.Length} bytes");
        var values = MemoryMarshal.Cast<byte, float>(bytes[HeaderBytes..]).ToArray();
        return new(steps, [.. Enumerable.Range(0, count).Select(v => values[(v * length)..((v + 1) * length)])]);
    }
}
