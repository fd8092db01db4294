using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>Bounds the norm of a gradient: a bad batch must not undo a good round.</summary>
public static class GradientClip
{
    /// <returns>The norm before clipping.</returns>
    public static double ByNorm(Span<float> gradient, double normMax)
    {
        var norm = EuclideanNorm.Of(gradient);
        if (norm > normMax) Kernels.Chosen.Scale((float)(normMax / norm), gradient);
        return norm;
    }
}
