using System.Globalization;
using CitySafeSense.Tests.Conformance;

namespace CitySafeSense.Tests.Deterministic;

/// <summary>Every claim on the deterministic host, one after another: a seed gives one hash, in whichever process.</summary>
public static class ConformanceHashes
{
    /// <summary>The entry of the process that is started to compare with: prints the hashes of seeds 1 to n.</summary>
    public static int Main(string[] args)
    {
        if (args is not ["hashes", var count] || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var seeds))
        {
            Console.Error.WriteLine("use: hashes NUMBER_OF_SEEDS");
            return 2;
        }
        foreach (var hash in Of(seeds)) Console.WriteLine(hash);
        return 0;
    }

    public static IEnumerable<string> Of(int seeds) => Enumerable.Range(1, seeds).Select(seed => Of((ulong)seed));

    /// <summary>One claim a seed, so that a thousand seeds run every claim dozens of times, each in another order of turns.</summary>
    private static string Of(ulong seed)
    {
        var (name, claim) = Claims.All.ElementAt((int)(seed % (ulong)Claims.All.Count));
        return $"{seed} {name} {DeterministicStage.Play(seed, claim)}";
    }
}
