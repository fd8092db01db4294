using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.Science.Hotspots;

public class HyperLogLogTests
{
    [Theory]
    [InlineData(12, 0.01625)]
    [InlineData(14, 0.008125)]
    [InlineData(10, 0.0325)]
    public void Standard_error_is_as_published(int precision, double error)
    {
        Assert.Equal(error, HyperLogLog.StandardError(precision), 1e-9);
        // And so do estimates scatter: the root mean square of 200 of them, within what 200 tell.
        foreach (var many in new[] { 500, 20_000 })
        {
            var squares = 0.0;
            for (var trial = 0; trial < 200; trial++)
            {
                var (sketch, rng) = (new HyperLogLog(precision), Rng.For(7, "hll", $"{precision} {many} {trial}"));
                for (var i = 0; i < many; i++) sketch.Add(rng.NextUInt64());
                squares += Math.Pow(sketch.Estimate() / many - 1, 2) / 200;
            }
            Assert.InRange(Math.Sqrt(squares), 0, 1.2 * error);
        }
    }

    [Fact]
    public void What_is_seen_again_and_what_is_merged_counts_once()
    {
        var (whole, left, right) = (new HyperLogLog(10), new HyperLogLog(10), new HyperLogLog(10));
        var rng = new Rng(3);
        for (var i = 0; i < 5000; i++)
        {
            var number = rng.NextUInt64();
            whole.Add(number);
            whole.Add(number);
            (i % 2 == 0 ? left : right).Add(number);
            if (i % 3 == 0) left.Add(number);
        }
        left.Merge(right);
        Assert.Equal(whole.Packed.ToArray(), left.Packed.ToArray());
        Assert.Equal(whole.Packed.ToArray(), HyperLogLog.Decode(10, whole.Packed).Packed.ToArray());
        Assert.Equal(0, new HyperLogLog(10).Estimate());
        Assert.Throws<ArgumentException>(() => left.Merge(new HyperLogLog(11)));
        Assert.Throws<FormatException>(() => HyperLogLog.Decode(10, [1]));
    }

    [Fact]
    public void Largest_ranks_and_the_last_register_have_their_place()
    {
        var sketch = new HyperLogLog(10);
        sketch.Add(ulong.MaxValue << 54); // register 1023, all zeros behind it
        Assert.Equal(55 << 2, sketch.Packed[^1]);
    }

    [Fact]
    public void Contributors_are_exact_up_to_64_and_a_sketch_beyond()
    {
        var (few, many, pseudonyms) = (new Contributors(), new Contributors(), new KeyedPseudonym(new byte[KeyedPseudonym.KeyBytes]));
        ulong Pseudonym(int person) => pseudonyms.OfContributor($"{person}", 0, 0);
        for (var i = 0; i < Contributors.ToldApart; i++) few.Add(Pseudonym(i));
        few.Add(Pseudonym(0));
        Assert.Equal((64, 64), ((int)few.Count, few.Known.Count));
        few.Add(Pseudonym(-1));
        Assert.Empty(few.Known);
        Assert.InRange((int)few.Count, 65, 75);
        for (var i = 0; i < 3000; i++) many.Add(Pseudonym(i));
        Assert.InRange((int)many.Count, 2700, 3300);
    }
}
