using CitySafeSense.Federation;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Federation;

public class SecureUpdateTests
{
    private const double NormMax = 2;

    [Fact]
    public void Sum_of_vectors_is_the_weighted_mean_with_the_mean_loss()
    {
        var total = SecureUpdate.Total(Sum([([1f, 0], 3, 0.5), ([0, 1f], 1, 2.5)]), 2, SecureUpdate.Format(NormMax, 2), NormMax, countsOnce: false);
        Assert.Equal((4, 2), ((int)total.Weight, total.Updates));
        Assert.Equal(1.0, total.WeightedLoss / total.Weight, 1e-6);
        var mean = AggregationRule.Mean.Create(2, NormMax, 2);
        mean.Add(total);
        Assert.Equal([0.75f, 0.25f], mean.Finish());
        Assert.Equal(2, mean.Updates);
    }

    [Fact]
    public void Client_clips_and_in_private_rounds_counts_once_and_keeps_its_loss()
    {
        Assert.Equal([2f, 0, 1, 0], SecureUpdate.Of([8f, 0], 100, 0.7, NormMax, countsOnce: true));
        Assert.Equal(SecureUpdate.WeightMax, SecureUpdate.Of([8f, 0], 1_000_000, 0, NormMax, countsOnce: false)[^2]);
        Assert.Throws<ArgumentException>(() => SecureUpdate.Of([float.NaN], 1, 0, NormMax, countsOnce: true));
    }

    [Theory]
    [InlineData(9, 0, 3, false, "longer than any")] // did not clip
    [InlineData(1, 0, 1, false, "weight of 1")] // fewer than there are
    [InlineData(1, 0, 99_999, false, "weight of 99999")]
    [InlineData(1, 0, 2.5, false, "weight of 2.5")]
    [InlineData(1, 0, 3, true, "weight of 3")] // a private round counts everybody once
    public void Sum_that_cannot_be_is_refused(double first, double second, double weight, bool countsOnce, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => SecureUpdate.Total([first, second, weight, 0], 2, SecureUpdate.Format(NormMax, 2), NormMax, countsOnce)).Message);

    [Fact]
    public void Median_of_shards_does_not_follow_one_that_lies()
    {
        var median = AggregationRule.Parse("shard-median").Create(1, 10, 160);
        foreach (var shard in new[] { 1.0, 1.1, 0.9, 1.05, -10 }) median.Add(new SecureTotal([32 * shard], 32, 0, 32));
        Assert.Equal(1f, median.Finish()[0]);
        Assert.Throws<ArgumentException>(() => median.Add(new SecureTotal([1, 2], 1, 0, 1)));
        Assert.Throws<InvalidOperationException>(() => median.Add("one", [1], 1));
        Assert.Throws<InvalidOperationException>(() => AggregationRule.Parse("krum:1").Create(1, 10, 160).Add(new SecureTotal([1], 1, 0, 1)));
    }

    [Fact]
    public void Shards_are_at_least_thirty_two_and_everybody_is_in_one()
    {
        for (var invited = 0; invited < 300; invited++)
        {
            var all = Enumerable.Range(0, invited).Select(i => $"c{i}").ToArray();
            var shards = SecureSumRule.Shards([.. all]);
            if (invited < 32)
            {
                Assert.Empty(shards);
                continue;
            }
            Assert.Equal(all, shards.SelectMany(s => s));
            Assert.All(shards, s => Assert.InRange(s.Length, 32, 63));
        }
        Assert.Equal((22, 17), (new SecureSumRule().ThresholdOf(33), new SecureSumRule { Threshold = 0.51 }.ThresholdOf(33)));
    }

    private static double[] Sum((float[] Delta, int Samples, double Loss)[] clients)
    {
        var sum = new double[4];
        foreach (var (delta, samples, loss) in clients)
        {
            var vector = SecureUpdate.Of(delta, samples, loss, NormMax, countsOnce: false);
            for (var i = 0; i < sum.Length; i++) sum[i] += vector[i];
        }
        return sum;
    }
}
