using System.Runtime.InteropServices;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Numerics;

public class KernelsTests
{
    public static TheoryData<SimdWidth, int> Paths
    {
        get
        {
            var data = new TheoryData<SimdWidth, int>();
            foreach (var kernels in Kernels.Available)
                foreach (var length in new[] { 1, 15, 16, 19, 1000 }) data.Add(kernels.Width, length);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Elementwise_functions_agree_with_the_plain_loop(SimdWidth width, int length)
    {
        var kernels = Of(width);
        float[] x = Random(1, length), y = Random(2, length);
        Check(k => k.Rectify(x), (a, _) => Math.Max(0, a));
        Check(k => k.RectifyBackward(y, x), (a, b) => b > 0 ? a : 0);
        Check(k => k.Logistic(x), (a, _) => 1 / (1 + Math.Exp(-a)));
        Check(k => k.LogisticBackward(y, x), (a, b) => a * b * (1 - b));
        Check(k => k.Add(y, x), (a, b) => a + b);
        Check(k => k.AddScaled(0.5f, y, x), (a, b) => a + 0.5 * b);
        Check(k => k.Scale(3, x), (a, _) => 3 * a);
        Check(k => k.DifferenceScaled(2, x, y, x), (a, b) => 2 * (a - b));

        void Check(Action<Kernels> inPlace, Func<double, double, double> expected)
        {
            x = Random(1, length);
            var before = (float[])x.Clone();
            inPlace(kernels);
            var vectorised = (float[])x.Clone();
            for (var i = 0; i < length; i++) Assert.Equal(expected(before[i], y[i]), vectorised[i], 1e-6 * (1 + Math.Abs(expected(before[i], y[i]))));
            before.CopyTo(x, 0);
            inPlace(Of(SimdWidth.Scalar));
            Assert.Equal(Bits(x), Bits(vectorised));
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Sums_have_sixteen_lanes_and_one_tree(SimdWidth width, int length)
    {
        float[] x = Random(1, length), y = Random(2, length);
        var lanes = new float[16];
        for (var i = 0; i < length; i++) lanes[i % 16] = MathF.FusedMultiplyAdd(x[i], y[i], lanes[i % 16]);
        for (var half = 8; half >= 1; half /= 2)
            for (var i = 0; i < half; i++) lanes[i] += lanes[i + half];
        Assert.Equal(Bits(lanes[..1]), Bits([Of(width).Dot(x, y)]));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_value_that_is_not_finite_is_seen_wherever_it_stands(SimdWidth width, int length)
    {
        var kernels = Of(width);
        var x = Random(1, length);
        Assert.True(kernels.AreFinite(x));
        for (var i = 0; i < length; i += Math.Max(1, length / 7))
            foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                var y = (float[])x.Clone();
                y[i] = bad;
                Assert.False(kernels.AreFinite(y), $"{bad} at {i}");
            }
    }

    /// <summary>Every tile: rows from 1 to 19, one vector and more, with and without a start of its own.</summary>
    [Fact]
    public void Products_are_one_chain_for_each_element_whatever_the_tile()
    {
        foreach (var kernels in Kernels.Available)
            foreach (var columns in new[] { 8, 16, 32, 48 })
                for (var rows = 1; rows <= 19; rows++)
                {
                    const int Terms = 5;
                    float[] left = Random(1, 2 * rows * Terms), right = Random(2, 2 * Terms * columns), start = Random(3, columns), target = new float[rows * columns];
                    var product = new Product
                    {
                        Left = ref left[0],
                        Right = ref right[0],
                        Start = ref start[0],
                        Target = ref target[0],
                        LeftAt = [0, rows * Terms],
                        RightAt = [Terms * columns, 0],
                        LeftRow = Terms,
                        LeftStep = 1,
                        RightStep = columns,
                        TargetRow = columns,
                        Terms = Terms,
                        Rows = rows,
                        Columns = columns,
                    };
                    kernels.Multiply(product);
                    for (var i = 0; i < rows; i++)
                        for (var j = 0; j < columns; j++)
                        {
                            var expected = start[j];
                            for (var s = 0; s < 2; s++)
                                for (var r = 0; r < Terms; r++)
                                    expected = MathF.FusedMultiplyAdd(left[s * rows * Terms + i * Terms + r], right[(1 - s) * Terms * columns + r * columns + j], expected);
                            Assert.Equal(expected, target[i * columns + j]);
                        }
                }
    }

    [Fact]
    public void Exponentials_of_kernels_are_right_to_the_last_bits()
    {
        for (var x = -86.0; x <= 88; x += 0.01) Assert.Equal(1, Elementary.ExpSingle((float)x) / Math.Exp((float)x), 2e-7);
    }

    [Fact]
    public void A_path_that_does_not_exist_is_refused_by_name()
    {
        Assert.Equal(SimdWidth.Scalar, Kernels.Choose("scalar").Width);
        Assert.Contains("CITYSAFE_SIMD=avx", Assert.Throws<ArgumentException>(() => Kernels.Choose("avx")).Message);
    }

    private static Kernels Of(SimdWidth width) => Kernels.Available.First(k => k.Width == width);

    private static float[] Random(ulong seed, int length)
    {
        var rng = new Rng(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)rng.Gaussian())];
    }

    private static int[] Bits(float[] x) => MemoryMarshal.Cast<float, int>(x).ToArray();
}
