using CitySafeSense.InProcess;

namespace CitySafeSense.Tests.Deterministic;

/// <summary>Federated rounds through crashes and lies; `citysafe verify rounds` runs more seeds of the same.</summary>
public sealed class RoundStoryTests
{
    [Fact]
    public void Nobody_is_counted_twice_no_commit_is_half_and_no_budget_overrun_whatever_goes_wrong()
    {
        var outcomes = Enumerable.Range(1, 150).Select(seed => RoundStory.Play((ulong)seed)).ToArray();
        Assert.Empty(outcomes.SelectMany(o => o.Violations.Select(v => $"seed {o.Seed}: {v}")));
        // Something happened: rounds ended both ways, and much went wrong.
        Assert.True(outcomes.Sum(o => o.Committed) > 200 && outcomes.Sum(o => o.Abandoned) > 50, $"{outcomes.Sum(o => o.Committed)} committed, {outcomes.Sum(o => o.Abandoned)} abandoned");
        Assert.True(outcomes.Sum(o => o.Crashes) > 150 && outcomes.Sum(o => o.Faults) > 500);
        Assert.All(outcomes.Where(o => o.Seed % 3 == 0), o => Assert.InRange(o.Releases, 0, 2));
    }

    [Theory]
    [InlineData(RoundPlant.DoubleCommit, "double-commit")]
    [InlineData(RoundPlant.CountTwice, "count-twice")]
    [InlineData(RoundPlant.BudgetOverrun, "budget-overrun")]
    public void Planted_faults_are_found(RoundPlant plant, string called) =>
        Assert.Contains(Enumerable.Range(1, 60).SelectMany(seed => RoundStory.Play((ulong)seed, plant).Violations), v => v.StartsWith(called, StringComparison.Ordinal));

    [Fact]
    public void Same_seed_is_the_same_story_turn_for_turn()
    {
        Assert.Equal(RoundStory.Play(11).Hash, RoundStory.Play(11).Hash);
        Assert.NotEqual(RoundStory.Play(11).Hash, RoundStory.Play(12).Hash);
    }
}
