using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.Privacy;

namespace CitySafeSense.InProcess;

/// <summary>
/// Keeps the books of rounds from outside: sees every update where it enters a sum, every sum that is finished, and in the end
/// what was stored. It believes nothing that the grains say of themselves.
/// </summary>
public sealed class RoundLedger(IAggregationFactory inner) : IAggregationFactory
{
    private readonly List<Entry> entries = [];

    /// <summary>Rules that were broken, each with what was seen.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Updates that entered a sum.</summary>
    public int Counted { get; private set; }

    /// <summary>Sums with noise that were finished: each has shown something of people.</summary>
    public int Releases { get; private set; }

    /// <summary>Who has reported in the round that runs, so that the story can send it again.</summary>
    public IReadOnlyList<(int Round, string Participant, float[] Update)> Running => entries.Count == 0 ? [] : [.. entries[^1].Updates.Select(u => (entries[^1].Plan.Instructions.Round, u.Participant, u.Update))];

    public Aggregation Create(RoundPlan plan, int length, double normMax, int candidates, int invited)
    {
        var entry = new Entry(plan);
        entries.Add(entry);
        return new Watched(this, entry, inner.Create(plan, length, normMax, candidates, invited), length);
    }

    /// <summary>Compares what is stored with the books.</summary>
    /// <param name="versions">Oldest first.</param>
    /// <param name="rounds">Oldest first.</param>
    /// <param name="weights">Of a version; nothing where they cannot be read.</param>
    public void Close(IReadOnlyList<ModelInfo> versions, IReadOnlyList<RoundStatus> rounds, Func<string, float[]?> weights, PrivacyPlan? privacy)
    {
        foreach (var twice in rounds.GroupBy(r => r.Round).Where(g => g.Count() > 1)) Violations.Add($"double-close: round {twice.Key} has {twice.Count()} outcomes");
        foreach (var open in rounds.Where(r => r.Ended is null)) Violations.Add($"never-closed: round {open.Round} is still {open.Phase}");
        foreach (var twice in versions.Where(v => v.Round > 0).GroupBy(v => v.Round).Where(g => g.Count() > 1)) Violations.Add($"double-commit: round {twice.Key} made {twice.Count()} versions");
        for (var v = 0; v < versions.Count; v++)
        {
            if (weights(versions[v].Hash) is not { } stored)
            {
                Violations.Add($"half-commit: version {versions[v].Version} names weights that are not there");
                continue;
            }
            if (versions[v].Round == 0) continue;
            var round = rounds.FirstOrDefault(r => r.Round == versions[v].Round);
            if (round?.Phase != nameof(RoundPhase.Committed) || round.Outcome != versions[v].Hash) Violations.Add($"half-commit: version {versions[v].Version} is of round {versions[v].Round}, which is {round?.Phase ?? "unknown"}");
            if (privacy is null && weights(versions[v - 1].Hash) is { } basis) CheckSum(versions[v].Round, basis, stored);
        }
        foreach (var round in rounds.Where(r => r.Phase == nameof(RoundPhase.Committed) && versions.All(v => v.Round != r.Round))) Violations.Add($"half-commit: round {round.Round} is committed and made no version");
        if (privacy is not null && Releases > 0 && RenyiAccountant.Epsilon([new(privacy.SamplingRate, privacy.NoiseMultiplier, Releases)], privacy.Delta) is var spent && spent > privacy.EpsilonBudget)
            Violations.Add($"budget-overrun: {Releases} noisy sums come to epsilon {spent:F3} of {privacy.EpsilonBudget}");
    }

    /// <summary>The version is the basis and the mean of distinct participants' updates, as one of the round's sums had them.</summary>
    private void CheckSum(int round, float[] basis, float[] stored)
    {
        var sums = entries.Where(e => e.IsFinished && e.Plan.Instructions.Round == round).ToArray();
        if (!sums.Any(e => Explains(e, basis, stored))) Violations.Add($"count-twice: round {round}'s weights are not the mean of its {sums.LastOrDefault()?.Updates.DistinctBy(u => u.Participant).Count() ?? 0} participants' updates");
    }

    private static bool Explains(Entry entry, float[] basis, float[] stored)
    {
        var distinct = entry.Updates.DistinctBy(u => u.Participant).ToArray();
        var weight = distinct.Sum(u => (long)u.Samples);
        for (var i = 0; i < stored.Length; i++)
            if (Math.Abs(basis[i] + distinct.Sum(u => (double)u.Update[i] * u.Samples) / weight - stored[i]) > 1e-5) return false;
        return true;
    }

    private sealed class Entry(RoundPlan plan)
    {
        public RoundPlan Plan { get; } = plan;
        public List<(string Participant, float[] Update, int Samples)> Updates { get; } = [];
        public bool IsFinished { get; set; }
    }

    private sealed class Watched(RoundLedger ledger, Entry entry, Aggregation inner, int length) : Aggregation(length, ClippedUpdate.NormMaxLimit)
    {
        public override float[] Finish()
        {
            entry.IsFinished = true;
            if (inner is PrivateAggregation) ledger.Releases++;
            return inner.Finish();
        }

        protected override void Take(string participant, ClippedUpdate update)
        {
            inner.Add(participant, update.Delta, update.Weight);
            entry.Updates.Add((participant, update.Delta.ToArray(), update.Weight));
            ledger.Counted++;
        }
    }
}
