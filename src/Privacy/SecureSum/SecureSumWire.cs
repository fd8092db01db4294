using System.Buffers.Binary;

namespace CitySafeSense.Privacy;

/// <summary>
/// The messages of a secure sum as bytes: numbers are 4 bytes, little-endian; whatever has no fixed length has it before it;
/// lists begin with their count.
/// </summary>
public static class SecureSumWire
{
    /// <summary>Longer than any key, signature or sealed share.</summary>
    public const int PartBytesMax = 1024;

    public static byte[] Write(IReadOnlyCollection<AdvertisedKeys> keys) => Written(keys, (stream, k) =>
    {
        Number(stream, k.Participant);
        Part(stream, k.EncryptionKey);
        Part(stream, k.MaskKey);
        Part(stream, k.Signature);
    });

    /// <exception cref="FormatException">The bytes are no list of keys.</exception>
    public static IReadOnlyList<AdvertisedKeys> ReadKeys(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        var keys = new AdvertisedKeys[reader.Count()];
        for (var i = 0; i < keys.Length; i++) keys[i] = new(reader.Number(), reader.Part(), reader.Part(), reader.Part());
        reader.End();
        return keys;
    }

    public static byte[] Write(IReadOnlyCollection<EncryptedShares> shares) => Written(shares, (stream, s) =>
    {
        Number(stream, s.From);
        Number(stream, s.To);
        Part(stream, s.Sealed);
    });

    /// <exception cref="FormatException">The bytes are no list of shares.</exception>
    public static IReadOnlyList<EncryptedShares> ReadShares(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        var shares = new EncryptedShares[reader.Count()];
        for (var i = 0; i < shares.Length; i++) shares[i] = new(reader.Number(), reader.Number(), reader.Part());
        reader.End();
        return shares;
    }

    public static byte[] Write(IReadOnlyCollection<int> participants) => Written(participants, Number);

    /// <exception cref="FormatException">The bytes are no list of participants.</exception>
    public static IReadOnlyList<int> ReadParticipants(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        var participants = new int[reader.Count()];
        for (var i = 0; i < participants.Length; i++) participants[i] = reader.Number();
        reader.End();
        return participants;
    }

    public static byte[] Write(IReadOnlyCollection<SurvivorSignature> signatures) => Written(signatures, (stream, s) =>
    {
        Number(stream, s.Participant);
        Part(stream, s.Signature);
    });

    /// <exception cref="FormatException">The bytes are no list of signatures.</exception>
    public static IReadOnlyList<SurvivorSignature> ReadSignatures(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        var signatures = new SurvivorSignature[reader.Count()];
        for (var i = 0; i < signatures.Length; i++) signatures[i] = new(reader.Number(), reader.Part());
        reader.End();
        return signatures;
    }

    public static byte[] Write(RevealedShares revealed)
    {
        using var stream = new MemoryStream();
        Number(stream, revealed.Participant);
        foreach (var kind in new[] { revealed.OwnMaskSeeds, revealed.MaskKeys })
        {
            Number(stream, kind.Count);
            foreach (var (participant, share) in kind.OrderBy(s => s.Key))
            {
                Number(stream, participant);
                Number(stream, share.Place);
                Part(stream, share.Values);
            }
        }
        return stream.ToArray();
    }

    /// <exception cref="FormatException">The bytes are no revealed shares.</exception>
    public static RevealedShares ReadRevealed(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        var participant = reader.Number();
        var (seeds, keys) = (reader.SharesByParticipant(), reader.SharesByParticipant());
        reader.End();
        return new(participant, seeds, keys);
    }

    private static byte[] Written<T>(IReadOnlyCollection<T> items, Action<MemoryStream, T> write)
    {
        using var stream = new MemoryStream();
        Number(stream, items.Count);
        foreach (var item in items) write(stream, item);
        return stream.ToArray();
    }

    private static void Number(MemoryStream stream, int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        stream.Write(bytes);
    }

    private static void Part(MemoryStream stream, byte[] part)
    {
        Number(stream, part.Length);
        stream.Write(part);
    }

    /// <summary>Checks every length before it takes what is behind it.</summary>
    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> left = bytes;

        public int Number()
        {
            var number = left.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(left) : throw new FormatException("a message of a secure sum is cut off");
            left = left[4..];
            return number;
        }

        public int Count() => Number() is >= 0 and <= ShamirShares.ParticipantsMax and var count ? count
            : throw new FormatException($"a message of a secure sum lists more than {ShamirShares.ParticipantsMax}");

        public byte[] Part()
        {
            var length = Number();
            if (length is < 0 or > PartBytesMax || length > left.Length) throw new FormatException($"a part of {length} bytes in a message of a secure sum with {left.Length} left");
            var part = left[..length].ToArray();
            left = left[length..];
            return part;
        }

        public Dictionary<int, SecretShare> SharesByParticipant()
        {
            var (count, shares) = (Count(), new Dictionary<int, SecretShare>());
            for (var i = 0; i < count; i++)
            {
                var (participant, place) = (Number(), Number());
                if (place is < 1 or > ShamirShares.ParticipantsMax || !shares.TryAdd(participant, new SecretShare((byte)place, Part()))) throw new FormatException($"a share of participant {participant} at place {place}");
            }
            return shares;
        }

        public readonly void End()
        {
            if (!left.IsEmpty) throw new FormatException($"{left.Length} bytes too many in a message of a secure sum");
        }
    }
}
