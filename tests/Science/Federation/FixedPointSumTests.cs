using CitySafeSense.Federation;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using FsCheck;
using FsCheck.Fluent;

namespace CitySafeSense.Science.Federation;

public class FixedPointSumTests
{
    [Fact]
    public void Any_order_and_any_tree_give_the_same_bits()
    {
        Prop.ForAll<int, int>((seed, clients) =>
        {
            var rng = new Rng((ulong)seed);
            var updates = Enumerable.Range(0, 2 + Math.Abs(clients % 20)).Select(_ => Update(rng)).ToArray();
            var straight = new FixedPointSum(9);
            foreach (var update in updates) straight.Add(update);
            rng.Shuffle<ClippedUpdate>(updates);
            var (left, right) = (new FixedPointSum(9), new FixedPointSum(9));
            foreach (var update in updates) (rng.Chance(0.5) ? left : right).Add(update);
            left.Add(right);
            return straight.Mean().SequenceEqual(left.Mean()) && straight.Weight == left.Weight && straight.Updates == left.Updates;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Mean_is_weighted_by_samples()
    {
        var sum = new FixedPointSum(1);
        sum.Add(ClippedUpdate.Clip([1f], 30, 10));
        sum.Add(ClippedUpdate.Clip([-1f], 10, 10));
        Assert.Equal(0.5f, sum.Mean()[0], 1e-6f);
    }

    [Fact]
    public void Largest_updates_do_not_wrap()
    {
        var sum = new FixedPointSum(1);
        var largest = ClippedUpdate.Clip([1e9f], int.MaxValue, ClippedUpdate.NormMaxLimit);
        for (var i = 0; i < FixedPointSum.MaxUpdates; i++) sum.Add(largest);
        Assert.Equal(1024f, sum.Mean()[0]);
        Assert.Throws<InvalidOperationException>(() => sum.Add(largest));
    }

    [Fact]
    public void Mean_of_nothing_and_updates_of_another_length_are_refused()
    {
        Assert.Throws<InvalidOperationException>(() => new FixedPointSum(1).Mean());
        Assert.Throws<ArgumentException>(() => new FixedPointSum(2).Add(ClippedUpdate.Clip([1f], 1, 1)));
    }

    private static ClippedUpdate Update(Rng rng) =>
        ClippedUpdate.Clip([.. Enumerable.Range(0, 9).Select(_ => (float)rng.Gaussian(0, 3))], 1 + rng.NextInt(500), 4);
}
