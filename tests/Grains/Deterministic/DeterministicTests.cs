using System.Diagnostics;
using CitySafeSense.EmbeddedOrleans.Deterministic;
using CitySafeSense.Tests.Conformance;

namespace CitySafeSense.Tests.Deterministic;

/// <summary>The same seed is the same run; every claim holds on the deterministic host too.</summary>
public sealed class DeterministicTests
{
    private const int Seeds = 1000;

    public static TheoryData<string> Names => [.. Claims.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Claim_holds_under_every_order_of_turns(string name)
    {
        var hashes = Enumerable.Range(1, 20).Select(seed => DeterministicStage.Play((ulong)seed, Claims.All[name])).ToArray();
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public async Task Thousand_seeds_end_in_the_same_hashes_in_two_processes()
    {
        var elsewhere = HashesOfAnotherProcess();
        var here = ConformanceHashes.Of(Seeds).ToArray();
        Assert.Equal(here, await elsewhere);
        Assert.Equal(Seeds, here.Length);
    }

    [Fact]
    public void Continuation_on_a_foreign_thread_fails_the_run_and_names_the_grain()
    {
        var error = Assert.Throws<ScheduleException>(() => DeterministicStage.Play(7, async stage =>
        {
            var held = stage.Grains.GetGrain<IScriptedGrain>("stray").Hold("foreign");
            await stage.Until(() => stage.Witness.Count("holds foreign") == 1, "it is held");
            var thread = new Thread(() => stage.Witness.Open("foreign"));
            thread.Start();
            thread.Join();
            await held;
        }));
        Assert.Contains("scripted/stray", error.Message);
        Assert.Contains("seed 7", error.Message);
    }

    [Fact]
    public void Story_that_waits_for_nothing_ends_with_its_seed()
    {
        var error = Assert.Throws<ScheduleException>(() => DeterministicStage.Play(3, _ => new TaskCompletionSource().Task));
        Assert.Contains("seed 3", error.Message);
    }

    private static async Task<string[]> HashesOfAnotherProcess()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "hashes", Seeds.ToString(System.Globalization.CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"the other process ended with code {process.ExitCode} after {output.Count(c => c == '\n')} hashes: {await error}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
