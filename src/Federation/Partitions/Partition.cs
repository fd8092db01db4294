using System.Globalization;
using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

/// <summary>
/// Deals labelled rows out to clients: dirichlet:ALPHA (every class in shares drawn from a Dirichlet distribution; small alpha,
/// uneven labels; Hsu, Qi and Brown 2019), shards:N (every client gets N stretches of rows sorted by label; McMahan et al.
/// 2017), quantity:ALPHA (labels alike, numbers of rows uneven). Every client gets at least one row; nothing is tried again.
/// </summary>
public sealed record Partition
{
    public const string Names = "person, dirichlet:ALPHA, shards:N, quantity:ALPHA";
    private readonly string kind;
    private readonly double parameter;

    private Partition(string kind, double parameter) => (this.kind, this.parameter) = (kind, parameter);

    /// <returns>Nothing for "person": rows stay with whose they are.</returns>
    /// <exception cref="ArgumentException">There is no such partition, or its parameter is out of range.</exception>
    public static Partition? Parse(string text)
    {
        if (text == "person") return null;
        var parts = text.Split(':');
        if (parts is [("dirichlet" or "quantity" or "shards") and var kind, var value]
            && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var parameter)
            && (kind == "shards" ? parameter is >= 1 and <= 1000 && parameter == Math.Floor(parameter) : parameter is >= 0.01 and <= 1000))
            return new(kind, parameter);
        throw new ArgumentException($"\"{text}\" is no partition; choose from {Names} (ALPHA 0.01 to 1000, N 1 to 1000)");
    }

    /// <returns>Rows by client, each row once.</returns>
    /// <exception cref="ArgumentException">There are fewer rows than clients.</exception>
    public IReadOnlyList<int[]> Deal(ReadOnlySpan<int> labels, int clients, Rng rng)
    {
        if (labels.Length < clients) throw new ArgumentException($"{labels.Length} rows cannot be dealt to {clients} clients");
        var rows = Enumerable.Range(0, labels.Length).ToArray();
        rng.Shuffle<int>(rows);
        var dealt = Enumerable.Range(0, clients).Select(_ => new List<int>()).ToArray();
        if (kind == "shards") DealShards(rows, labels.ToArray(), dealt, rng);
        else if (kind == "quantity") DealShares(rows, Shares(clients, rng), dealt);
        else
        {
            var owner = labels.ToArray();
            foreach (var sameClass in rows.GroupBy(r => owner[r]).OrderBy(g => g.Key)) DealShares([.. sameClass], Shares(clients, rng), dealt);
        }
        foreach (var poor in dealt.Where(d => d.Count == 0))
        {
            var rich = dealt.MaxBy(d => d.Count)!;
            poor.Add(rich[^1]);
            rich.RemoveAt(rich.Count - 1);
        }
        return [.. dealt.Select(d => d.Order().ToArray())];
    }

    private void DealShards(int[] rows, int[] labels, List<int>[] dealt, Rng rng)
    {
        int[] sorted = [.. rows.OrderBy(r => labels[r])];
        var shards = Enumerable.Range(0, dealt.Length * (int)parameter).ToArray();
        rng.Shuffle<int>(shards);
        for (var s = 0; s < shards.Length; s++)
        {
            var (from, to) = (shards[s] * (long)sorted.Length / shards.Length, (shards[s] + 1L) * sorted.Length / shards.Length);
            dealt[s % dealt.Length].AddRange(sorted[(int)from..(int)to]);
        }
    }

    private static void DealShares(int[] rows, double[] shares, List<int>[] dealt)
    {
        var (upTo, from) = (0.0, 0);
        for (var c = 0; c < shares.Length; c++)
        {
            upTo += shares[c];
            var to = c == shares.Length - 1 ? rows.Length : Math.Clamp((int)Math.Round(upTo * rows.Length), from, rows.Length);
            dealt[c].AddRange(rows[from..to]);
            from = to;
        }
    }

    /// <summary>One draw of a symmetric Dirichlet distribution.</summary>
    private double[] Shares(int clients, Rng rng)
    {
        // In logs: with a small alpha a Gamma draw is smaller than a double can be.
        double[] logs = [.. Enumerable.Range(0, clients).Select(_ => LogGamma(parameter, rng))];
        var largest = logs.Max();
        double[] weights = [.. logs.Select(l => Elementary.Exp(l - largest))];
        var sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }

    /// <summary>ln of a Gamma(alpha, 1) draw (Marsaglia and Tsang 2000; below 1 by their note on U^(1/alpha)).</summary>
    private static double LogGamma(double alpha, Rng rng)
    {
        if (alpha < 1) return LogGamma(alpha + 1, rng) + Elementary.Log(1 - rng.NextDouble()) / alpha;
        var d = alpha - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = rng.Gaussian();
            var v = 1 + c * x;
            if (v <= 0) continue;
            v = v * v * v;
            if (Elementary.Log(1 - rng.NextDouble()) < 0.5 * x * x + d - d * v + d * Elementary.Log(v)) return Elementary.Log(d * v);
        }
    }
}
