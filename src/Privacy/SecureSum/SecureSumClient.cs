using System.Security.Cryptography;
using System.Text;

namespace CitySafeSense.Privacy;

/// <summary>
/// One participant of a secure sum (Bonawitz et al. 2017, figure 4, with double masking and the consistency check against a
/// server that lies about who is there). It says each thing once, and never reveals both secrets of anybody.
/// </summary>
/// <remarks>Keys are agreed on P-256, the curve that .NET has on every platform, and turned into keys by HKDF (RFC 5869); shares travel under AES-256-GCM.</remarks>
public sealed class SecureSumClient : IDisposable
{
    private const int SeedBytes = 32;
    private readonly SecureSumPlan plan;
    private readonly int self;
    private readonly SecureSumCredential credential;
    private readonly IReadOnlyDictionary<int, byte[]> registry;
    private readonly IRandomBytes random;
    private readonly ECDiffieHellman encryption = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256), masks = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] ownSeed = new byte[SeedBytes];
    private readonly Dictionary<int, AdvertisedKeys> roster = [];
    private readonly Dictionary<int, byte[]> channels = [];
    private readonly Dictionary<int, (SecretShare Seed, SecretShare Key)> held = [];
    private int[]? survivors;
    private bool hasShared, hasMasked, hasRevealed;

    /// <param name="self">This participant's number, from 0.</param>
    /// <param name="registry">Everybody's public credential.</param>
    public SecureSumClient(SecureSumPlan plan, int self, SecureSumCredential credential, IReadOnlyDictionary<int, byte[]> registry, IRandomBytes random)
    {
        plan.Validate();
        (this.plan, this.self, this.credential, this.registry, this.random) = (plan, self, credential, registry, random);
        random.Fill(ownSeed);
    }

    /// <summary>Round 0.</summary>
    public AdvertisedKeys Advertise()
    {
        var (e, m) = (encryption.ExportSubjectPublicKeyInfo(), masks.ExportSubjectPublicKeyInfo());
        return new(self, e, m, credential.Sign("keys", plan, BitConverter.GetBytes(self), e, m));
    }

    /// <summary>Round 1: checks everybody's keys and gives everybody a share of this one's secrets.</summary>
    /// <exception cref="SecureSumException">Too few are there, or keys are not signed by whom they are said to be of.</exception>
    public IReadOnlyList<EncryptedShares> ShareKeys(IReadOnlyCollection<AdvertisedKeys> advertised)
    {
        if (hasShared) throw new SecureSumException("keys were shared already");
        if (advertised.Count < plan.Threshold) throw new SecureSumException($"{advertised.Count} participants of at least {plan.Threshold}");
        foreach (var keys in advertised)
        {
            if (!keys.AreSigned(plan, registry))
                throw new SecureSumException($"the keys of participant {keys.Participant} are not signed by its credential");
            if (!roster.TryAdd(keys.Participant, keys)) throw new SecureSumException($"participant {keys.Participant} is there twice");
        }
        if (advertised.SelectMany(k => new[] { k.EncryptionKey, k.MaskKey }).Select(Convert.ToHexString).Distinct().Count() < 2 * advertised.Count) throw new SecureSumException("two keys are the same");
        if (!roster.ContainsKey(self)) throw new SecureSumException("this participant is not on the list");
        hasShared = true;
        var seeds = ShamirShares.Split(ownSeed, plan.Threshold, plan.Participants, random);
        var keyShares = ShamirShares.Split(masks.ExportParameters(includePrivateParameters: true).D!, plan.Threshold, plan.Participants, random);
        held[self] = (seeds[self], keyShares[self]);
        return [.. roster.Keys.Where(other => other != self).Order().Select(other => new EncryptedShares(self, other, Seal(other, seeds[other], keyShares[other])))];
    }

    /// <summary>Round 2: the vector, under a mask of its own and one for each other whose shares have arrived.</summary>
    /// <exception cref="SecureSumException">Too few shares arrived, or some are not what they should be.</exception>
    public MaskedShare Mask(ReadOnlySpan<float> values, IReadOnlyCollection<EncryptedShares> arrived)
    {
        if (!hasShared || hasMasked) throw new SecureSumException("a vector is masked once, after keys were shared");
        if (values.Length != plan.Length) throw new ArgumentException($"a vector of {values.Length} does not fit a sum of {plan.Length}");
        foreach (var shares in arrived)
        {
            if (shares.To != self || !roster.ContainsKey(shares.From) || held.ContainsKey(shares.From)) throw new SecureSumException($"shares from {shares.From} to {shares.To} do not belong here");
            held[shares.From] = Unseal(shares);
        }
        if (held.Count < plan.Threshold) throw new SecureSumException($"shares of {held.Count} participants of at least {plan.Threshold}");
        hasMasked = true;
        var entries = plan.Format.Encode(values);
        plan.Format.Add(entries, plan.Format.Expand(ownSeed, plan.Length), 1);
        foreach (var other in held.Keys.Where(o => o != self))
            plan.Format.Add(entries, plan.Format.Expand(PairSeed(masks, roster[other].MaskKey, plan), plan.Length), self < other ? 1 : -1);
        return new MaskedShare(self, plan.Format.Pack(entries));
    }

    /// <summary>Round 3: agrees on who has sent a vector; only once.</summary>
    /// <exception cref="SecureSumException">They are too few, or another list was agreed on already.</exception>
    public SurvivorSignature Agree(IReadOnlyCollection<int> sent)
    {
        int[] sorted = [.. sent.Distinct().Order()];
        if (!hasMasked || sorted.Length < plan.Threshold || sorted.Any(s => !held.ContainsKey(s))) throw new SecureSumException($"{sorted.Length} vectors of at least {plan.Threshold}, all of participants whose shares are here, are needed");
        if (survivors is not null && !survivors.SequenceEqual(sorted)) throw new SecureSumException("another list of survivors was agreed on already");
        survivors = sorted;
        return new(self, credential.Sign("survivors", plan, List(sorted)));
    }

    /// <summary>Round 4: what the server needs to take the masks off the sum, once a threshold of participants has agreed on the same list.</summary>
    /// <exception cref="SecureSumException">They have not.</exception>
    public RevealedShares Reveal(IReadOnlyCollection<SurvivorSignature> agreed)
    {
        if (survivors is null || hasRevealed) throw new SecureSumException("shares are revealed once, after a list was agreed on");
        var valid = agreed.Where(a => survivors.Contains(a.Participant) && registry.TryGetValue(a.Participant, out var known) && SecureSumCredential.Verifies(known, a.Signature, "survivors", plan, List(survivors)))
            .Select(a => a.Participant).Distinct().Take(plan.Threshold).Count();
        if (valid < plan.Threshold) throw new SecureSumException($"{valid} participants of at least {plan.Threshold} have agreed on this list of survivors");
        hasRevealed = true;
        return new(
            self,
            survivors.ToDictionary(s => s, s => held[s].Seed),
            held.Keys.Where(p => !survivors.Contains(p)).ToDictionary(p => p, p => held[p].Key));
    }

    public void Dispose()
    {
        encryption.Dispose();
        masks.Dispose();
        CryptographicOperations.ZeroMemory(ownSeed);
    }

    /// <summary>What two participants' masks come from.</summary>
    internal static byte[] PairSeed(ECDiffieHellman own, byte[] theirs, SecureSumPlan plan)
    {
        using var other = ECDiffieHellman.Create();
        other.ImportSubjectPublicKeyInfo(theirs, out _);
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, own.DeriveRawSecretAgreement(other.PublicKey), SeedBytes, info: Encoding.UTF8.GetBytes($"citysafe mask {plan.Context}"));
    }

    private byte[] Seal(int other, SecretShare seed, SecretShare key)
    {
        var plain = new byte[2 + seed.Values.Length + key.Values.Length];
        (plain[0], plain[1]) = (seed.Place, (byte)seed.Values.Length);
        seed.Values.CopyTo(plain, 2);
        key.Values.CopyTo(plain, 2 + seed.Values.Length);
        var sealedBytes = new byte[AesGcm.NonceByteSizes.MaxSize + plain.Length + AesGcm.TagByteSizes.MaxSize];
        var nonce = sealedBytes.AsSpan(0, AesGcm.NonceByteSizes.MaxSize);
        random.Fill(nonce);
        using var aes = new AesGcm(ChannelKey(other), AesGcm.TagByteSizes.MaxSize);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(nonce.Length, plain.Length), sealedBytes.AsSpan(nonce.Length + plain.Length), Addressed(self, other));
        return sealedBytes;
    }

    private (SecretShare, SecretShare) Unseal(EncryptedShares shares)
    {
        var (nonce, tag) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        if (shares.Sealed.Length < nonce + tag + 2) throw new SecureSumException($"the shares from {shares.From} are cut off");
        var plain = new byte[shares.Sealed.Length - nonce - tag];
        using var aes = new AesGcm(ChannelKey(shares.From), tag);
        try
        {
            aes.Decrypt(shares.Sealed.AsSpan(0, nonce), shares.Sealed.AsSpan(nonce, plain.Length), shares.Sealed.AsSpan(nonce + plain.Length), plain, Addressed(shares.From, self));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new SecureSumException($"the shares from {shares.From} were changed on the way");
        }
        return (new SecretShare(plain[0], plain[2..(2 + plain[1])]), new SecretShare(plain[0], plain[(2 + plain[1])..]));
    }

    /// <summary>The same in both directions.</summary>
    private byte[] ChannelKey(int other)
    {
        if (channels.TryGetValue(other, out var known)) return known;
        using var theirs = ECDiffieHellman.Create();
        theirs.ImportSubjectPublicKeyInfo(roster[other].EncryptionKey, out _);
        return channels[other] = HKDF.DeriveKey(HashAlgorithmName.SHA256, encryption.DeriveRawSecretAgreement(theirs.PublicKey), SeedBytes, info: Encoding.UTF8.GetBytes($"citysafe shares {plan.Context}"));
    }

    private static byte[] Addressed(int from, int to) => [.. BitConverter.GetBytes(from), .. BitConverter.GetBytes(to)];

    private static byte[] List(int[] participants) => [.. participants.SelectMany(BitConverter.GetBytes)];
}
