namespace CitySafeSense.Hotspots;

/// <summary>Where high values lie among high ones, and low among low: the statistics of Getis and Ord (1992, 1995).</summary>
public static class GetisOrd
{
    /// <summary>Local G*, a place counted among those near it, as z: (sum w x - mean W) / (s sqrt((n S1 - W^2) / (n - 1))).</summary>
    public static double[] LocalStar(ReadOnlySpan<double> values, SpatialWeights weights)
    {
        var z = new double[values.Length];
        var (mean, deviation) = Moments(Sum(values), SumOfSquares(values), values.Length);
        for (var i = 0; i < z.Length; i++)
        {
            var (sum, w, s1) = (values[i], 1.0, 1.0);
            foreach (var (j, weight) in weights.Rows[i]) (sum, w, s1) = (sum + weight * values[j], w + weight, s1 + weight * weight);
            z[i] = Score(sum, w, s1, mean, deviation, values.Length);
        }
        return z;
    }

    /// <summary>Local G, a place left out of the sum, the mean and the deviation, as z.</summary>
    public static double[] Local(ReadOnlySpan<double> values, SpatialWeights weights)
    {
        var z = new double[values.Length];
        var (total, squares, n) = (Sum(values), SumOfSquares(values), values.Length - 1);
        for (var i = 0; i < z.Length; i++)
        {
            var (sum, w, s1) = (0.0, 0.0, 0.0);
            foreach (var (j, weight) in weights.Rows[i]) (sum, w, s1) = (sum + weight * values[j], w + weight, s1 + weight * weight);
            var (mean, deviation) = Moments(total - values[i], squares - values[i] * values[i], n);
            z[i] = Score(sum, w, s1, mean, deviation, n);
        }
        return z;
    }

    /// <summary>Global G: the share of all products of two values that is between near ones.</summary>
    public static double Global(ReadOnlySpan<double> values, SpatialWeights weights)
    {
        var near = 0.0;
        for (var i = 0; i < values.Length; i++)
            foreach (var (j, weight) in weights.Rows[i]) near += weight * values[i] * values[j];
        var total = Sum(values);
        return near / (total * total - SumOfSquares(values));
    }

    private static double Score(double sum, double w, double s1, double mean, double deviation, int n)
    {
        var spread = deviation * Math.Sqrt(Math.Max(0, n * s1 - w * w) / (n - 1));
        return spread > 0 ? (sum - mean * w) / spread : 0;
    }

    private static (double Mean, double Deviation) Moments(double sum, double squares, int n) => (sum / n, Math.Sqrt(Math.Max(0, squares / n - sum / n * (sum / n))));

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum;
    }

    private static double SumOfSquares(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value * value;
        return sum;
    }
}
