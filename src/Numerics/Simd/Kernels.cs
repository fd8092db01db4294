using System.Runtime.Intrinsics;

namespace CitySafeSense.Numerics;

/// <summary>
/// The arithmetic that training and inference are made of, for one width of registers. Whatever the width, the bits are the
/// same: elements are computed alike, products are chains in one order, and sums have 16 lanes and one tree.
/// </summary>
public abstract class Kernels
{
    /// <summary>Lanes of every sum over elements.</summary>
    public const int SumLanes = 16;

    private static readonly Kernels scalar = new Kernels<float, ScalarOperations>(SimdWidth.Scalar);
    private static readonly Kernels bits128 = new Kernels<Vector128<float>, Operations128>(SimdWidth.Bits128);
    private static readonly Kernels bits256 = new Kernels<Vector256<float>, Operations256>(SimdWidth.Bits256);
    private static readonly Kernels bits512 = new Kernels<Vector512<float>, Operations512>(SimdWidth.Bits512, bits256);

    private static readonly Lazy<Kernels> chosen = new(() => Choose(Environment.GetEnvironmentVariable("CITYSAFE_SIMD")));

    private protected Kernels(SimdWidth width) => Width = width;

    /// <summary>The paths that this processor has, widest first; the scalar one always exists.</summary>
    public static IReadOnlyList<Kernels> Available { get; } =
    [
        .. Vector512.IsHardwareAccelerated ? [bits512] : Array.Empty<Kernels>(),
        .. Vector256.IsHardwareAccelerated ? [bits256] : Array.Empty<Kernels>(),
        .. Vector128.IsHardwareAccelerated ? [bits128] : Array.Empty<Kernels>(),
        scalar,
    ];

    /// <summary>The path in use: the widest, or the one that the environment variable CITYSAFE_SIMD names (512, 256, 128, scalar).</summary>
    /// <exception cref="ArgumentException">It names none of this processor's.</exception>
    public static Kernels Chosen => chosen.Value;

    public SimdWidth Width { get; }

    /// <summary>A product of matrices; see <see cref="Product"/>.</summary>
    public abstract void Multiply(in Product product);

    /// <summary>target[i, j] = start[i, j] + sum of left[.. + i leftRow + r leftStep + j] * right[.. + r rightStep + j]: each column by itself.</summary>
    public abstract void MultiplyColumns(in Product product);

    /// <summary>What the tiles of a row of pixels see, as the four factors of minimal filtering.</summary>
    public abstract void SeeTiles(TileRow row, ref float x, in Four t);

    /// <summary>The outputs of tiles from their four products.</summary>
    /// <param name="floor">What is below it becomes it: 0 rectifies.</param>
    public abstract void PaintTiles(TileRow row, in Four m, float floor, ref float y);

    /// <summary>The gradient of the four products from that of the outputs.</summary>
    public abstract void SeeTileGradients(TileRow row, ref float dy, in Four m);

    /// <summary>The gradient of the pixels, [2 run (blocks + 1)], from that of the four factors, which have a block of zeros before them and one after.</summary>
    /// <param name="adds">Whether it is added to what dx holds.</param>
    public abstract void PaintTileGradients(TileRow row, in Four t, ref float dx, bool adds);

    /// <summary>The four factors of filters of three taps; they are a multiple of 8.</summary>
    public abstract void FilterFactors(ReadOnlySpan<float> g0, ReadOnlySpan<float> g1, ReadOnlySpan<float> g2, in Four u);

    /// <summary>The filters' gradient += that of their four factors.</summary>
    public abstract void FilterGradients(in Four u, Span<float> g0, Span<float> g1, Span<float> g2);

    /// <summary>x = max(0, x).</summary>
    public abstract void Rectify(Span<float> x);

    /// <summary>dy = dy where y is positive, else 0.</summary>
    public abstract void RectifyBackward(ReadOnlySpan<float> y, Span<float> dy);

    /// <summary>x = 1 / (1 + exp(-x)).</summary>
    public abstract void Logistic(Span<float> x);

    /// <summary>dy = dy y (1 - y).</summary>
    public abstract void LogisticBackward(ReadOnlySpan<float> y, Span<float> dy);

    /// <summary>target = max(floor, x + y).</summary>
    public abstract void Sum(ReadOnlySpan<float> x, ReadOnlySpan<float> y, float floor, Span<float> target);

    /// <summary>y += x.</summary>
    public abstract void Add(ReadOnlySpan<float> x, Span<float> y);

    /// <summary>y += a x.</summary>
    public abstract void AddScaled(float a, ReadOnlySpan<float> x, Span<float> y);

    /// <summary>x *= a.</summary>
    public abstract void Scale(float a, Span<float> x);

    /// <summary>target = a (x - y).</summary>
    public abstract void DifferenceScaled(float a, ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> target);

    /// <summary>sum of x[i] y[i].</summary>
    public abstract float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y);

    /// <summary>One step of Adam over moments and weights; see the optimiser for what the numbers mean.</summary>
    public abstract void AdamStep(ReadOnlySpan<float> gradient, Span<float> first, Span<float> second, Span<float> weights, float keepFirst, float keepSecond, float rate, float epsilon, float decay);

    /// <summary>sum [pixel] += every row of rows [n, pixel]; four chains, then their sum.</summary>
    public abstract void AddRows(ReadOnlySpan<float> rows, Span<float> sum);

    /// <summary>A row of pixels y [count, pixel], each the largest of a square of four from every second one of x.</summary>
    /// <param name="row">Floats from one row of x to the next.</param>
    public abstract void MaximumOfFour(nint row, ref float x, ref float y, int pixel, int count);

    /// <summary>dx = dy where x is the first of the four that equal the largest, y, else 0.</summary>
    /// <param name="row">Floats from one row of x, and of dx, to the next.</param>
    /// <param name="adds">Whether that is added to what dx holds.</param>
    public abstract void MaximumOfFourBackward(nint row, ref float x, ref float y, ref float dy, ref float dx, int pixel, int count, bool adds);

    /// <summary>Whether every value is a finite number.</summary>
    public abstract bool AreFinite(ReadOnlySpan<float> x);

    /// <exception cref="ArgumentException">The name is none of the paths, or this processor lacks it.</exception>
    public static Kernels Choose(string? name)
    {
        if (string.IsNullOrEmpty(name)) return Available[0];
        SimdWidth? width = name switch
        {
            "scalar" => SimdWidth.Scalar,
            "128" => SimdWidth.Bits128,
            "256" => SimdWidth.Bits256,
            "512" => SimdWidth.Bits512,
            _ => null,
        };
        return Available.FirstOrDefault(k => k.Width == width) ?? throw new ArgumentException(
            $"CITYSAFE_SIMD={name}: this processor has {string.Join(", ", Available.Select(k => k.Width == SimdWidth.Scalar ? "scalar" : ((int)k.Width).ToString(System.Globalization.CultureInfo.InvariantCulture)))}");
    }

    /// <summary>Sixteen lanes as a fixed binary tree: halves are added until one number is left.</summary>
    protected static float SumOf(ReadOnlySpan<float> lanes)
    {
        Span<float> left = stackalloc float[SumLanes];
        lanes.CopyTo(left);
        for (var half = SumLanes / 2; half > 0; half /= 2)
            for (var i = 0; i < half; i++) left[i] += left[i + half];
        return left[0];
    }
}
