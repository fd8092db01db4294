using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

/// <summary>
/// Nearest-neighbour mixing (Allouah et al. 2023, "Fixing by mixing", algorithm 2) before a rule: every update becomes the mean
/// of the n - f that are nearest to it, itself among them. Honest people differ, and a rule that looks at one coordinate after
/// the other takes what differs for what lies; once they are mixed they hardly do.
/// </summary>
/// <param name="liars">f, for so many updates.</param>
public sealed class NeighbourMixing(IRobustRule rule, Func<int, int> liars) : IRobustRule
{
    public float[] Of(IReadOnlyList<float[]> updates)
    {
        var (distances, near) = (Distances.Between(updates), updates.Count - liars(updates.Count));
        return rule.Of([.. Enumerable.Range(0, updates.Count).Select(u => Mean(updates, Enumerable.Range(0, updates.Count).OrderBy(o => distances[u, o]).Take(near).Order()))]);
    }

    private static float[] Mean(IReadOnlyList<float[]> updates, IEnumerable<int> of)
    {
        var (mean, count) = (new float[updates[0].Length], 0);
        foreach (var u in of)
        {
            Kernels.Chosen.Add(updates[u], mean);
            count++;
        }
        for (var i = 0; i < mean.Length; i++) mean[i] /= count;
        return mean;
    }
}

/// <summary>How far updates are from one another.</summary>
internal static class Distances
{
    /// <summary>Squared, [n, n].</summary>
    public static double[,] Between(IReadOnlyList<float[]> updates)
    {
        var distances = new double[updates.Count, updates.Count];
        for (var a = 0; a < updates.Count; a++)
            for (var b = a + 1; b < updates.Count; b++)
                distances[a, b] = distances[b, a] = Squared(updates[a], updates[b]);
        return distances;
    }

    private static double Squared(float[] a, float[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        return sum;
    }
}
