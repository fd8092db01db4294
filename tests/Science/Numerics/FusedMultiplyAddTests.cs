using System.Runtime.Intrinsics;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Numerics;

public class FusedMultiplyAddTests
{
    private static readonly float[] special =
    [
        0, -0f, 1, -1, float.Epsilon, -float.Epsilon, 1.1754944e-38f, 5e-39f, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity,
        float.NaN, 1 + 1.1920929e-7f, 1 - 5.9604645e-8f, 16777215, 16777216, 0.1f, 1e-30f, 1e30f,
    ];

    [Fact]
    public void Emulation_has_the_bits_of_the_fused_operation_at_the_limits()
    {
        foreach (var a in special)
            foreach (var b in special)
                foreach (var c in special) Same(a, b, c);
    }

    /// <summary>Most sums of random numbers round alike however they are rounded; those that cancel and those halfway between two floats do not.</summary>
    [Fact]
    public void Emulation_has_the_bits_of_the_fused_operation_where_rounding_twice_would_differ()
    {
        var (rng, differing) = (new Rng(1), 0);
        for (var i = 0; i < 300_000; i++)
        {
            var (a, b) = (Any(rng), Any(rng));
            var c = (i % 3) switch
            {
                0 => Any(rng),
                1 => -(a * b), // the product's rounding error is all that is left
                _ => (float)Math.ScaleB(a * b, rng.NextInt(60) - 30),
            };
            Same(a, b, c);
            Same(MathF.ScaleB(a, -70), MathF.ScaleB(b, -70), MathF.ScaleB(c, -140));
            // Just below halfway between two floats, by less than a double can hold: (1 + k u) (1 - k u) is 1 - k^2 u^2.
            var (k, odd) = ((1 + rng.NextInt(20)) * 1.1920929e-7f, 1 + (2 * rng.NextInt(1 << 21) + 1) * 1.1920929e-7f);
            var (x, y, sign) = (MathF.ScaleB(1 + k, -12), MathF.ScaleB(1 - k, -12), rng.Chance(0.5) ? 1 : -1);
            Same(x, sign * y, sign * odd);
            Same(MathF.ScaleB(x, -100), y, MathF.ScaleB(odd, -100)); // and among the smallest normal and subnormal ones
            if ((float)((double)x * y + odd) != MathF.FusedMultiplyAdd(x, y, odd)) differing++;
        }
        Assert.True(differing > 0, "no case in which rounding twice differs: the test shows nothing");
    }

    private static void Same(float a, float b, float c)
    {
        var expected = MathF.FusedMultiplyAdd(a, b, c);
        var scalar = FusedMultiplyAdd.Emulated(a, b, c);
        var vector = FusedMultiplyAdd.Emulated(Vector128.Create(1, a, 2, a), Vector128.Create(b), Vector128.Create(c));
        Assert.True(Equal(expected, scalar), $"{a:R} * {b:R} + {c:R} is {expected:R}, not {scalar:R}");
        Assert.True(Equal(expected, vector[1]) && Equal(expected, vector[3]), $"{a:R} * {b:R} + {c:R} is {expected:R}, not {vector[1]:R}");
    }

    private static bool Equal(float expected, float actual) => BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual) || (float.IsNaN(expected) && float.IsNaN(actual));

    private static float Any(Rng rng) => MathF.ScaleB((float)rng.Gaussian(), rng.NextInt(40) - 20);
}
