using CitySafeSense.Federation;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using FsCheck;
using FsCheck.Fluent;

namespace CitySafeSense.Science.Federation;

public class AggregationTests
{
    private static readonly float[][] Five = [[1, 10], [2, 20], [3, 30], [4, 40], [100, -900]];

    [Theory]
    [InlineData("mean", 22, -160)]
    [InlineData("median:unmixed", 3, 20)]
    [InlineData("trimmed:0.2:unmixed", 3, 20)] // (2 + 3 + 4) / 3, (10 + 20 + 30) / 3
    [InlineData("trimmed:0:unmixed", 22, -160)]
    [InlineData("trimmed:0.2", 2.5, 25)] // four times the mean of the first four, and one that is trimmed
    [InlineData("median", 3, 20)] // of means of three: 2, 2, 3, 3, 34.3 and 20, 20, 30, 30, -290
    [InlineData("krum:1", 2, 20)] // nearest two: (3,30) of 101 + 101 ... (2,20) of 101 + 101; the first of equals
    [InlineData("multi-krum:1", 2.5, 25)]
    public void Each_rule_by_hand(string rule, double first, double second)
    {
        var aggregation = AggregationRule.Parse(rule).Create(2, 1000, 5);
        for (var u = 0; u < Five.Length; u++) aggregation.Add($"c{u}", Five[u], 1);
        var change = aggregation.Finish();
        Assert.Equal(first, change[0], 1e-5);
        Assert.Equal(second, change[1], 1e-5);
    }

    [Theory]
    [InlineData("mean")]
    [InlineData("median")]
    [InlineData("median:unmixed")]
    [InlineData("trimmed:0.3")]
    [InlineData("krum:2")]
    [InlineData("multi-krum:2")]
    public void No_rule_depends_on_the_order_of_updates(string rule) => Prop.ForAll<int>(seed =>
    {
        var rng = new Rng((ulong)(uint)seed);
        var updates = Enumerable.Range(0, 11).Select(u => (Name: $"c{u}", Delta: Enumerable.Range(0, 7).Select(_ => (float)rng.Gaussian()).ToArray(), Samples: 1 + rng.NextInt(50))).ToArray();
        float[] Of()
        {
            var aggregation = AggregationRule.Parse(rule).Create(7, 1.5, updates.Length);
            foreach (var (name, delta, samples) in updates) aggregation.Add(name, delta, samples);
            return aggregation.Finish();
        }
        var straight = Of();
        rng.Shuffle<(string, float[], int)>(updates);
        return straight.SequenceEqual(Of());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Robust_rules_stay_near_the_honest_whatever_three_of_eleven_say()
    {
        var rng = new Rng(1);
        foreach (var rule in new[] { "median", "trimmed:0.3", "krum:3", "multi-krum:3" })
            foreach (var lie in new[] { -1000f, 1000f, 3f })
            {
                var aggregation = AggregationRule.Parse(rule).Create(5, 1024, 11);
                for (var u = 0; u < 11; u++) aggregation.Add($"c{u:D2}", [.. Enumerable.Range(0, 5).Select(_ => u < 3 ? lie : 1 + (float)rng.Gaussian(0, 0.1))], 1);
                Assert.All(aggregation.Finish(), v => Assert.InRange(v, 0.7f, 1.3f));
            }
    }

    [Fact]
    public void Mixing_keeps_people_who_differ_from_being_trimmed_in_favour_of_liars()
    {
        // Honest people differ by three times what they agree on; six of twenty pull the other way.
        float Progress(string rule)
        {
            var (rng, aggregation) = (new Rng(2), AggregationRule.Parse(rule).Create(200, 1024, 20));
            for (var u = 0; u < 20; u++) aggregation.Add($"c{u:D2}", [.. Enumerable.Range(0, 200).Select(_ => u < 6 ? -10 : 1 + (float)rng.Gaussian(0, 3))], 1);
            return aggregation.Finish().Average();
        }
        Assert.InRange(Progress("trimmed:0.3"), 0.7f, 1.3f);
        Assert.True(Progress("trimmed:0.3:unmixed") < 0.3f);
    }

    [Fact]
    public void Larger_rounds_are_looked_at_by_shards_and_never_more_is_held()
    {
        var many = (GatheredAggregation)AggregationRule.Parse("median").Create(3, 10, 1000);
        Assert.True(many.IsSharded);
        for (var u = 0; u < 1000; u++) many.Add($"c{u}", [1, 2, 3], 1);
        Assert.Equal([1f, 2f, 3f], many.Finish());
        var few = (GatheredAggregation)AggregationRule.Parse("median").Create(1, 10, GatheredAggregation.UpdatesMax);
        Assert.False(few.IsSharded);
        for (var u = 0; u < GatheredAggregation.UpdatesMax; u++) few.Add($"c{u}", [1], 1);
        Assert.Contains("256", Assert.Throws<InvalidOperationException>(() => few.Add("one more", [1], 1)).Message);
    }

    [Theory]
    [InlineData("median:2")]
    [InlineData("trimmed")]
    [InlineData("trimmed:0.5")]
    [InlineData("trimmed:0.3:mixed")]
    [InlineData("trimmed:NaN")]
    [InlineData("krum:-1")]
    [InlineData("average")]
    public void Rules_that_do_not_exist_are_refused_and_the_others_named(string rule) => Assert.Contains("multi-krum:LIARS", Assert.Throws<ArgumentException>(() => AggregationRule.Parse(rule)).Message);

    [Fact]
    public void Too_few_updates_and_useless_ones_are_refused()
    {
        var krum = AggregationRule.Parse("krum:2").Create(1, 1, 6);
        for (var u = 0; u < 6; u++) krum.Add($"c{u}", [1], 1);
        Assert.Contains("at least 7 updates, not 6", Assert.Throws<InvalidOperationException>(() => krum.Finish()).Message);
        Assert.Throws<ArgumentException>(() => krum.Add("c9", [float.NaN], 1));
        Assert.Throws<ArgumentException>(() => krum.Add("c9", [1, 2], 1));
        Assert.Equal(6, krum.Updates);
        Assert.Throws<InvalidOperationException>(() => AggregationRule.Mean.Create(1, 1, 1).Finish());
    }

    [Fact]
    public void Private_sum_counts_everybody_once_divides_by_whom_it_expected_and_has_the_noise_it_says()
    {
        var plan = new PrivacyPlan { NoiseMultiplier = 2, SamplingRate = 0.5, EpsilonBudget = 8 };
        var sum = new PrivateAggregation(plan, 20_000, 0.5, 10, Seeded(3));
        sum.Add("large", [.. Enumerable.Repeat(1f, 20_000)], 1000); // clipped to 0.5: 0.5 / sqrt(20000) each
        sum.Add("zero", new float[20_000], 1);
        var change = sum.Finish();
        var (mean, expected) = (change.Average(v => (double)v), 0.5 / Math.Sqrt(20_000) / 10);
        var sigma = Math.Sqrt(change.Average(v => (v - mean) * (v - mean)));
        Assert.Equal(2 * 0.5 / 10, sigma, 0.002);
        Assert.Equal(expected, mean, 4 * sigma / Math.Sqrt(20_000));
        Assert.Equal((2, 1), (sum.Updates, sum.Clipped));
    }

    [Fact]
    public void Clip_bound_grows_while_updates_are_longer_and_shrinks_while_they_are_shorter()
    {
        var plan = new PrivacyPlan { NoiseMultiplier = 1, SamplingRate = 1, EpsilonBudget = 8, AdaptsClipping = true };
        double After(float length)
        {
            var sum = new PrivateAggregation(plan, 1, 1, 200, Seeded(1));
            for (var u = 0; u < 200; u++) sum.Add($"c{u}", [length], 1);
            return sum.NextNormMax();
        }
        Assert.Equal(Math.Exp(0.1), After(5), 0.06);
        Assert.Equal(Math.Exp(-0.1), After(0.1f), 0.06);
        // Sum and count together cost what the plan's multiplier does: z^-2 = z_sum^-2 + (2 sigma_count)^-2.
        var multiplier = new PrivateAggregation(plan, 1, 1, 200, Seeded(1)).SumMultiplier;
        Assert.Equal(1, Math.Pow(multiplier, -2) + Math.Pow(2 * 10, -2), 1e-12);
    }

    private static Noise Seeded(ulong seed) => new(new SeededBytes(new Rng(seed)));
}
