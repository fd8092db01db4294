using System.Globalization;
#if !ORLEANS
using CitySafeSense.Tests.Deterministic;
#endif
using CitySafeSense.Tests.Storage;

namespace CitySafeSense.Tests;

/// <summary>What tests start as processes of their own; the tests themselves are run by the framework.</summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
#if !ORLEANS
            case ["hashes", var seeds]:
                foreach (var hash in ConformanceHashes.Of(int.Parse(seeds, CultureInfo.InvariantCulture))) Console.WriteLine(hash);
                return 0;
#endif
            case ["write-groups", var path, var groups]:
                await DurabilityTests.WriteGroups(path, int.Parse(groups, CultureInfo.InvariantCulture));
                return 0;
            default:
                await Console.Error.WriteLineAsync("use: hashes SEEDS | write-groups DATABASE GROUPS");
                return 2;
        }
    }
}
