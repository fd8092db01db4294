using System.Text;

namespace CitySafeSense.Numerics;

/// <summary>
/// Hashes that are the same in every process and on every machine (FNV-1a, 64 bits). For seeds and
/// for spreading keys; never for secrets, and never as a promise that two inputs differ.
/// </summary>
public static class StableHash
{
    private const ulong Offset = 14695981039346656037UL;
    private const ulong Prime = 1099511628211UL;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = Offset;
        foreach (var b in bytes) hash = (hash ^ b) * Prime;
        return hash;
    }

    public static ulong Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Order matters: (a, b) and (b, a) differ.</summary>
    public static ulong Combine(ulong first, ulong second)
    {
        Span<byte> both = stackalloc byte[16];
        BitConverter.TryWriteBytes(both, first);
        BitConverter.TryWriteBytes(both[8..], second);
        return Of(both);
    }
}
