using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Numerics;

public class FixedPointTests
{
    [Fact]
    public void Sums_are_those_of_whole_numbers_at_every_size_and_weight()
    {
        var rng = new Rng(1);
        foreach (var length in new[] { 1, 7, 8, 9, 1000 })
            foreach (var weight in new[] { 1, 3, 65_536 })
            {
                var values = Enumerable.Range(0, length).Select(_ => (float)(rng.Gaussian() * Math.Pow(2, rng.NextInt(30) - 22))).Select(v => Math.Clamp(v, -1024, 1024)).ToArray();
                values[0] = 1024;
                if (length > 8) (values[1], values[2], values[3]) = (-1024, 1.5f / (1 << 24), 2.5f / (1 << 24)); // halves go to even
                var sums = new long[length];
                for (var twice = 0; twice < 2; twice++) FixedPoint.AddWeighted(values, weight, sums);
                for (var i = 0; i < length; i++) Assert.Equal(2 * (long)Math.Round((double)values[i] * weight * (1 << 24)), sums[i]);
            }
    }

    [Fact]
    public void Four_at_once_are_the_same_bits_as_one_after_the_other()
    {
        var rng = new Rng(4);
        foreach (var length in new[] { 1, 8, 13, 3000 })
        {
            var updates = Enumerable.Range(0, 4).Select(_ => Enumerable.Range(0, length).Select(_ => (float)rng.Gaussian()).ToArray()).ToArray();
            var (together, apart) = (new long[length], new long[length]);
            FixedPoint.AddWeighted(updates[0], 1, updates[1], 20, updates[2], 65_536, updates[3], 7, together);
            foreach (var (update, weight) in updates.Zip([1, 20, 65_536, 7])) FixedPoint.AddWeighted(update, weight, apart);
            Assert.Equal(apart, together);
        }
        Assert.Throws<ArgumentException>(() => FixedPoint.AddWeighted(new float[3], 1, new float[3], 1, new float[2], 1, new float[3], 1, new long[3]));
    }

    [Fact]
    public void Norm_is_that_of_the_plain_sum()
    {
        var rng = new Rng(2);
        foreach (var length in new[] { 0, 1, 15, 16, 33, 10_000 })
        {
            float[] x = [.. Enumerable.Range(0, length).Select(_ => (float)rng.Gaussian())];
            Assert.Equal(Math.Sqrt(x.Sum(v => (double)v * v)), EuclideanNorm.Of(x), 1e-12 * (1 + length));
        }
    }
}
