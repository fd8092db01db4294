using CitySafeSense.Tests.Conformance;

namespace CitySafeSense.Tests.Deterministic;

/// <summary>Every claim on the deterministic host, one after another: a seed gives one hash, in whichever process.</summary>
public static class ConformanceHashes
{
    public static IEnumerable<string> Of(int seeds) => Enumerable.Range(1, seeds).Select(seed => Of((ulong)seed));

    /// <summary>One claim a seed, so that a thousand seeds run every claim dozens of times, each in another order of turns.</summary>
    private static string Of(ulong seed)
    {
        var (name, claim) = Claims.All.ElementAt((int)(seed % (ulong)Claims.All.Count));
        return $"{seed} {name} {DeterministicStage.Play(seed, claim)}";
    }
}
