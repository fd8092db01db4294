using System.Security.Cryptography;

namespace CitySafeSense.Privacy;

/// <summary>
/// The server of a secure sum: passes messages on, and in the end knows the sum of those who sent a vector, and nothing else.
/// Who does not answer in a round has dropped out from there on.
/// </summary>
public sealed class SecureSumServer
{
    private readonly SecureSumPlan plan;
    private readonly Dictionary<int, AdvertisedKeys> roster = [];
    private readonly Dictionary<int, List<EncryptedShares>> post = [];
    private readonly Dictionary<int, ulong[]> masked = [];
    private readonly Dictionary<int, RevealedShares> revealed = [];
    private readonly HashSet<int> shared = [];

    public SecureSumServer(SecureSumPlan plan)
    {
        plan.Validate();
        this.plan = plan;
    }

    /// <summary>Everybody's keys, for round 1.</summary>
    public IReadOnlyCollection<AdvertisedKeys> Roster => roster.Values;

    /// <summary>Who has handed out shares of its secrets.</summary>
    public IReadOnlyCollection<int> Sharing => shared;

    /// <summary>Who has sent a vector.</summary>
    public IReadOnlyCollection<int> Survivors => masked.Keys;

    public void Add(AdvertisedKeys keys) => roster.TryAdd(keys.Participant, keys);

    /// <summary>All shares that one participant hands out.</summary>
    public void Add(int from, IReadOnlyCollection<EncryptedShares> shares)
    {
        if (!roster.ContainsKey(from) || !shared.Add(from)) return;
        foreach (var share in shares.Where(s => s.From == from && roster.ContainsKey(s.To)))
        {
            if (!post.TryGetValue(share.To, out var box)) post[share.To] = box = [];
            box.Add(share);
        }
    }

    /// <summary>What others have handed out for one participant, for round 2.</summary>
    public IReadOnlyCollection<EncryptedShares> PostFor(int participant) => post.GetValueOrDefault(participant) ?? [];

    /// <exception cref="FormatException">It is not a vector of this sum.</exception>
    public void Add(MaskedShare share)
    {
        if (!shared.Contains(share.Participant) || masked.ContainsKey(share.Participant)) return;
        if (share.Entries.Length != plan.Length * plan.Format.Bytes) throw new FormatException($"a masked vector of {plan.Length} has {plan.Length * plan.Format.Bytes} bytes, not {share.Entries.Length}");
        masked[share.Participant] = plan.Format.Unpack(share.Entries, plan.Length);
    }

    public void Add(RevealedShares shares)
    {
        if (masked.ContainsKey(shares.Participant)) revealed.TryAdd(shares.Participant, shares);
    }

    /// <summary>The sum of the vectors of all survivors.</summary>
    /// <exception cref="SecureSumException">Too few have revealed their shares: there is no sum, and no part of one.</exception>
    public double[] Sum()
    {
        if (masked.Count < plan.Threshold) throw new SecureSumException($"{masked.Count} vectors of at least {plan.Threshold}: there is no sum");
        if (revealed.Count < plan.Threshold) throw new SecureSumException($"{revealed.Count} participants of at least {plan.Threshold} have revealed their shares: there is no sum");
        var sum = new ulong[plan.Length];
        foreach (var entries in masked.Values) plan.Format.Add(sum, entries, 1);
        foreach (var survivor in masked.Keys) plan.Format.Add(sum, plan.Format.Expand(Combined(survivor, r => r.OwnMaskSeeds), plan.Length), -1);
        foreach (var dropped in shared.Where(p => !masked.ContainsKey(p))) TakeOffMasksWith(dropped, sum);
        return plan.Format.Decode(sum);
    }

    /// <summary>The masks that survivors have put on for somebody who then sent nothing.</summary>
    private void TakeOffMasksWith(int dropped, ulong[] sum)
    {
        using var key = ECDiffieHellman.Create();
        using var known = ECDiffieHellman.Create();
        known.ImportSubjectPublicKeyInfo(roster[dropped].MaskKey, out _);
        var parameters = known.ExportParameters(includePrivateParameters: false);
        parameters.D = Combined(dropped, r => r.MaskKeys);
        try
        {
            key.ImportParameters(parameters);
        }
        catch (CryptographicException)
        {
            throw new SecureSumException($"the shares of participant {dropped}'s mask key do not make its key");
        }
        foreach (var survivor in masked.Keys)
            plan.Format.Add(sum, plan.Format.Expand(SecureSumClient.PairSeed(key, roster[survivor].MaskKey, plan), plan.Length), survivor < dropped ? -1 : 1);
    }

    private byte[] Combined(int participant, Func<RevealedShares, IReadOnlyDictionary<int, SecretShare>> kind)
    {
        SecretShare[] shares = [.. revealed.Values.Select(r => kind(r).GetValueOrDefault(participant)).OfType<SecretShare>()];
        if (shares.Length < plan.Threshold) throw new SecureSumException($"{shares.Length} shares of at least {plan.Threshold} of participant {participant} were revealed: there is no sum");
        return ShamirShares.Combine(shares, plan.Threshold);
    }
}
