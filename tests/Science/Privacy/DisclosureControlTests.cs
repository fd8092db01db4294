using CitySafeSense.Privacy;

namespace CitySafeSense.Science.Privacy;

public class DisclosureControlTests
{
    // Cells are numbers, the parent is the ten they belong to; who contributed is listed.
    private static DisclosureOutcome<int> Apply(int k, Dictionary<int, string> contributors) => DisclosureControl.Apply(
        [.. contributors.Select(c => (c.Key, c.Value.Distinct().Count()))], k, cell => cell / 10 * 10,
        members => members.SelectMany(m => contributors[m]).Distinct().Count());

    [Fact]
    public void Cells_of_k_show_and_small_neighbours_merge_without_them()
    {
        var outcome = Apply(4, new() { [11] = "abcd", [12] = "ab", [13] = "cd", [14] = "e" });
        Assert.Equal([11], outcome.Released.Select(r => r.Key));
        var merged = Assert.Single(outcome.Merged);
        Assert.Equal(10, merged.Key);
        Assert.Equal([12, 13, 14], merged.Members);
        Assert.Equal(5, merged.Contributors);
        Assert.Empty(outcome.Suppressed);
    }

    [Fact]
    public void Union_counts_people_not_visits()
    {
        var outcome = Apply(4, new() { [11] = "abc", [12] = "abc" });
        Assert.Empty(outcome.Merged);
        Assert.Equal([11, 12], outcome.Suppressed);
    }

    [Fact]
    public void K_minus_one_never_shows()
    {
        var outcome = Apply(4, new() { [11] = "abc", [21] = "abcd", [31] = "a" });
        Assert.Equal([21], outcome.Released.Select(r => r.Key));
        Assert.Equal([11, 31], outcome.Suppressed);
    }
}
