using System.Security.Cryptography;

namespace CitySafeSense.Privacy;

/// <summary>What everybody of a secure sum is told.</summary>
/// <param name="Context">Names the sum, such as population, round and shard: keys of one are worth nothing in another.</param>
/// <param name="Threshold">Participants without whom nothing is ever revealed; more than half of them.</param>
/// <param name="Length">Entries of a vector.</param>
public sealed record SecureSumPlan(string Context, int Participants, int Threshold, int Length, MaskedFormat Format)
{
    /// <summary>Fewer would leave too small a crowd to hide in.</summary>
    public const int ParticipantsMin = 2;

    /// <exception cref="ArgumentException">Names the number and the range allowed.</exception>
    public void Validate()
    {
        if (Participants is < ParticipantsMin or > ShamirShares.ParticipantsMax) throw new ArgumentException($"a secure sum has {ParticipantsMin} to {ShamirShares.ParticipantsMax} participants, not {Participants}");
        if (Threshold <= Participants / 2 || Threshold > Participants) throw new ArgumentException($"the threshold of {Participants} participants is {Participants / 2 + 1} to {Participants}, not {Threshold}");
        if (Length is < 1 or > 1 << 26) throw new ArgumentException($"a vector has 1 to {1 << 26} entries, not {Length}");
    }
}

/// <summary>Round 0: public keys of one participant, signed with its credential.</summary>
/// <param name="EncryptionKey">To send shares under; SubjectPublicKeyInfo.</param>
/// <param name="MaskKey">From which pairs make their masks.</param>
public sealed record AdvertisedKeys(int Participant, byte[] EncryptionKey, byte[] MaskKey, byte[] Signature)
{
    /// <summary>Whether the credential that the registry knows of the participant has signed them for this sum.</summary>
    public bool AreSigned(SecureSumPlan plan, IReadOnlyDictionary<int, byte[]> registry) =>
        registry.TryGetValue(Participant, out var known) && SecureSumCredential.Verifies(known, Signature, "keys", plan, BitConverter.GetBytes(Participant), EncryptionKey, MaskKey);

    /// <summary>Whether both are keys on the curve; the server asks, so that one participant's nonsense does not stop all others.</summary>
    public bool AreKeys => IsKey(EncryptionKey) && IsKey(MaskKey);

    private static bool IsKey(byte[] bytes)
    {
        using var key = ECDiffieHellman.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(bytes, out var read);
            return read == bytes.Length && key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}

/// <summary>Round 1: shares of a participant's secrets for another, which only that one can read.</summary>
public sealed record EncryptedShares(int From, int To, byte[] Sealed);

/// <summary>Round 2: a vector under masks.</summary>
public sealed record MaskedShare(int Participant, byte[] Entries);

/// <summary>Round 3: a participant agrees on who has sent a vector.</summary>
public sealed record SurvivorSignature(int Participant, byte[] Signature);

/// <summary>Round 4: for everybody who has sent a vector a share of the seed of their own mask, for everybody who has not a share of their mask key; never both of one.</summary>
public sealed record RevealedShares(int Participant, IReadOnlyDictionary<int, SecretShare> OwnMaskSeeds, IReadOnlyDictionary<int, SecretShare> MaskKeys);

/// <summary>A secure sum that cannot go on. It fails closed: nothing was revealed that could be put together.</summary>
public sealed class SecureSumException(string message) : Exception(message);
