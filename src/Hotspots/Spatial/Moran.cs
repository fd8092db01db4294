using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>Global Moran's I with its moments where values are normal, and where they are dealt out at random (Cliff and Ord 1981).</summary>
/// <param name="Expected">-1 / (n - 1).</param>
public readonly record struct MoranStatistic(double I, double Expected, double VarianceNormal, double VarianceRandom)
{
    /// <summary>Where values are normal.</summary>
    public double Z => (I - Expected) / Math.Sqrt(VarianceNormal);
}

/// <summary>Whether near values are alike: Moran's I (1950), and place by place (Anselin 1995).</summary>
public static class Moran
{
    public static MoranStatistic Global(ReadOnlySpan<double> values, SpatialWeights weights)
    {
        var (z, m2, m4) = Centred(values);
        double n = values.Length, s0 = weights.Total, cross = 0;
        for (var i = 0; i < z.Length; i++)
            foreach (var (j, weight) in weights.Rows[i]) cross += weight * z[i] * z[j];
        var (s1, s2) = (S1(weights), S2(weights));
        var (expected, s02, kurtosis) = (-1 / (n - 1), s0 * s0, m4 / (m2 * m2));
        var normal = (n * n * s1 - n * s2 + 3 * s02) / ((n * n - 1) * s02) - expected * expected;
        var random = (n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s02) - kurtosis * ((n * n - n) * s1 - 2 * n * s2 + 6 * s02)) / ((n - 1) * (n - 2) * (n - 3) * s02) - expected * expected;
        return new(cross / (s0 * m2), expected, normal, random);
    }

    /// <summary>I of each place, z_i sum w z / m2, and how likely one at least as far from zero is where the other values are dealt out at random.</summary>
    public static (double[] I, double[] P) Local(ReadOnlySpan<double> values, SpatialWeights weights, int permutations, Rng rng)
    {
        var (z, m2, _) = Centred(values);
        var (local, p, others) = (new double[z.Length], new double[z.Length], new double[z.Length - 1]);
        for (var i = 0; i < z.Length; i++)
        {
            var row = weights.Rows[i];
            foreach (var (j, weight) in row) local[i] += z[i] / m2 * weight * z[j];
            var beyond = 0;
            z.AsSpan(0, i).CopyTo(others);
            z.AsSpan(i + 1).CopyTo(others.AsSpan(i));
            for (var r = 0; r < permutations; r++)
            {
                var drawn = 0.0;
                for (var k = 0; k < row.Length; k++)
                {
                    var pick = k + rng.NextInt(others.Length - k);
                    (others[k], others[pick]) = (others[pick], others[k]);
                    drawn += z[i] / m2 * row[k].Weight * others[k];
                }
                if (Math.Abs(drawn) >= Math.Abs(local[i])) beyond++;
            }
            p[i] = (beyond + 1.0) / (permutations + 1);
        }
        return (local, p);
    }

    private static (double[] Z, double M2, double M4) Centred(ReadOnlySpan<double> values)
    {
        var z = values.ToArray();
        var mean = z.Average();
        for (var i = 0; i < z.Length; i++) z[i] -= mean;
        return (z, z.Average(v => v * v), z.Average(v => v * v * v * v));
    }

    /// <summary>Half the sum of (w_ij + w_ji)^2.</summary>
    private static double S1(SpatialWeights weights)
    {
        var both = new Dictionary<(int, int), double>();
        for (var i = 0; i < weights.Count; i++)
            foreach (var (j, weight) in weights.Rows[i])
            {
                both[(i, j)] = both.GetValueOrDefault((i, j)) + weight;
                both[(j, i)] = both.GetValueOrDefault((j, i)) + weight;
            }
        return both.Values.Sum(w => w * w) / 2;
    }

    /// <summary>The sum of (row sum + column sum)^2.</summary>
    private static double S2(SpatialWeights weights)
    {
        var sums = new double[weights.Count];
        for (var i = 0; i < weights.Count; i++)
            foreach (var (j, weight) in weights.Rows[i])
            {
                sums[i] += weight;
                sums[j] += weight;
            }
        return sums.Sum(s => s * s);
    }
}
