using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CitySafeSense.Privacy;

/// <summary>
/// Names that cannot be turned back without the key: HMAC-SHA-256, cut to 64 bits. Two contributors of one bin are told apart
/// by one made for that bin and cell alone, so that it says nothing about any other bin.
/// </summary>
public sealed class KeyedPseudonym
{
    public const int KeyBytes = 32;
    private readonly byte[] key;

    public KeyedPseudonym(byte[] key)
    {
        if (key.Length != KeyBytes) throw new ArgumentException($"a pseudonym key has {KeyBytes} bytes, not {key.Length}");
        this.key = key;
    }

    /// <summary>Who contributed, for one bin of one cell.</summary>
    public ulong OfContributor(string credential, ulong cell, long bin) => Of($"contributor\n{credential}\n{cell:x}\n{bin}");

    /// <summary>The row of a device in the ingest log: stable while the key is, and not its id.</summary>
    public ulong OfDevice(string device) => Of($"device\n{device}");

    /// <summary>A device's slot of the release: one of its hours of the week, or none where this hour is not one of them.</summary>
    public ulong OfSlot(string device, long unixSeconds, int slotsPerWeek) =>
        ContributionTokens.IsChosen(Of($"hours\n{device}\n{unixSeconds / (ContributionTokens.HoursPerWeek * 3600L)}"), unixSeconds, slotsPerWeek)
            ? Of($"slot\n{device}\n{unixSeconds / 3600}") : ContributionTokens.NoSlot;

    private ulong Of(string purpose)
    {
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(purpose), hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
