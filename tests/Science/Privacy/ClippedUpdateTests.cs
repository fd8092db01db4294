using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using FsCheck;
using FsCheck.Fluent;

namespace CitySafeSense.Science.Privacy;

public class ClippedUpdateTests
{
    [Fact]
    public void Clipping_bounds_the_norm_and_twice_is_once()
    {
        Prop.ForAll<int>(seed =>
        {
            var rng = new Rng((ulong)seed);
            float[] delta = [.. Enumerable.Range(0, 1 + rng.NextInt(50)).Select(_ => (float)rng.Gaussian(0, 5))];
            var once = ClippedUpdate.Clip(delta, 3, 2);
            var twice = ClippedUpdate.Clip(once.Delta, 3, 2);
            return EuclideanNorm.Of(once.Delta) <= 2 * (1 + 1e-6) && once.Delta.SequenceEqual(twice.Delta) && !twice.WasClipped;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_cannot_be_clipped_is_refused_and_zero_stays_zero()
    {
        Assert.Contains("entry 1", Assert.Throws<ArgumentException>(() => ClippedUpdate.Clip([1f, float.PositiveInfinity], 1, 1)).Message);
        Assert.Throws<ArgumentException>(() => ClippedUpdate.Clip([1f], 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClippedUpdate.Clip([1f], 1, 0));
        Assert.False(ClippedUpdate.Clip([0f, 0f], 1, 1).WasClipped);
    }
}
