using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Numerics;

public class HalfFloatsTests
{
    /// <summary>Every finite half there is, with the runtime's own conversion as the oracle.</summary>
    [Fact]
    public void Every_half_is_widened_to_what_it_means_and_rounded_back_to_itself()
    {
        ushort[] halves = [.. Enumerable.Range(0, 65536).Select(h => (ushort)h).Where(h => (h & 0x7c00) != 0x7c00)];
        var (widened, back) = (new float[halves.Length], new ushort[halves.Length]);
        foreach (var exponent in new[] { -15, 0, 7, 100 })
        {
            HalfFloats.Add(halves, exponent, new float[halves.Length], widened);
            for (var i = 0; i < halves.Length; i++) Assert.Equal((float)BitConverter.UInt16BitsToHalf(halves[i]) * Math.ScaleB(1.0, -exponent), widened[i]);
            HalfFloats.Round(widened, exponent, new Rng(1), back);
            for (var i = 0; i < halves.Length; i++) Assert.True(halves[i] == back[i] || (halves[i] & 0x7fff) == 0, $"{halves[i]:x4} became {back[i]:x4}");
        }
    }

    [Fact]
    public void What_lies_between_two_goes_up_as_often_as_it_is_near()
    {
        foreach (var value in new[] { 1.0003f, -0.3001f, 3.1e-6f, 5e-8f, -2e-8f })
        {
            var (values, halves) = (Enumerable.Repeat(value, 100_000).ToArray(), new ushort[100_000]);
            HalfFloats.Round(values, 0, new Rng(2), halves);
            double[] widened = [.. halves.Select(h => (double)BitConverter.UInt16BitsToHalf(h))];
            Assert.Equal(2, widened.Distinct().Count());
            var step = widened.Max() - widened.Min();
            Assert.Equal(value, widened.Average(), 4 * step / 2 / Math.Sqrt(100_000));
        }
    }

    [Fact]
    public void Largest_value_decides_the_exponent_and_nothing_overflows()
    {
        foreach (var largest in new[] { 1e-30f, 3e-5f, 0.99f, 1f, 700f, 1e9f, 1e30f })
        {
            float[] values = [largest, -largest / 3];
            var (exponent, halves) = (HalfFloats.ExponentFor(values), new ushort[2]);
            HalfFloats.Round(values, exponent, new Rng(1), halves);
            Assert.All(halves, h => Assert.True(Half.IsFinite(BitConverter.UInt16BitsToHalf(h))));
            if (largest is > 1e-25f and < 1e8f) Assert.InRange((float)BitConverter.UInt16BitsToHalf(halves[0]), 16_000, 33_000);
        }
        Assert.Equal(0, HalfFloats.ExponentFor([0, 0]));
        Assert.Throws<ArgumentException>(() => HalfFloats.Add(new ushort[2], 0, new float[3], new float[2]));
    }
}
