using CitySafeSense.Numerics;

namespace CitySafeSense.Privacy;

/// <summary>
/// A client's change of the weights whose length is bounded, and how much it counts. Only <see cref="Clip"/> makes one and a
/// plain sum takes nothing else, so that the server has always clipped by itself: a client's claim proves nothing.
/// </summary>
public sealed class ClippedUpdate
{
    public const double NormMaxLimit = 1024;
    public const int WeightMax = 65_536;

    private readonly float[] delta;

    private ClippedUpdate(float[] delta, int weight, double norm, bool wasClipped)
    {
        this.delta = delta;
        Weight = weight;
        Norm = norm;
        WasClipped = wasClipped;
    }

    public ReadOnlySpan<float> Delta => delta;

    /// <summary>Training samples, 1 to <see cref="WeightMax"/>; more count as that many.</summary>
    public int Weight { get; }

    /// <summary>Length before clipping.</summary>
    public double Norm { get; }

    public bool WasClipped { get; }

    /// <summary>The same change, counting 1 whatever is behind it.</summary>
    public ClippedUpdate CountedOnce() => new(delta, 1, Norm, WasClipped);

    /// <summary>Shortens the change to at most <paramref name="normMax"/>. Clipping twice changes nothing.</summary>
    /// <exception cref="ArgumentException">A value is not finite or the weight is not positive: such a report is refused, not repaired.</exception>
    public static ClippedUpdate Clip(ReadOnlySpan<float> delta, int weight, double normMax)
    {
        if (normMax is not (> 0 and <= NormMaxLimit)) throw new ArgumentOutOfRangeException(nameof(normMax), normMax, $"a norm bound lies above 0 and up to {NormMaxLimit}");
        if (weight <= 0) throw new ArgumentException($"an update has at least one training sample, not {weight}");
        if (!Kernels.Chosen.AreFinite(delta) && delta.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) is var i) throw new ArgumentException($"entry {i} of the update is {delta[i]}");
        var norm = EuclideanNorm.Of(delta);
        var copy = delta.ToArray();
        // Rounding may leave a clipped vector a hair too long; what is within that hair is not clipped again.
        var wasClipped = norm > normMax * (1 + 1e-6);
        if (wasClipped) Kernels.Chosen.Scale((float)(normMax / norm), copy);
        return new(copy, Math.Min(weight, WeightMax), norm, wasClipped);
    }
}
