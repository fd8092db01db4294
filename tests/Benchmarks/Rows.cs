using System.Text.Json.Nodes;

namespace CitySafeSense.Benchmarks;

/// <summary>Rows of an answer: what, ours, theirs, the ratio and the goal for it.</summary>
internal static class Rows
{
    /// <param name="goal">For the ratio where there is a peer, else for ours.</param>
    public static JsonObject Row(string name, double ours, string unit, double? goal, string better)
    {
        var row = new JsonObject { ["name"] = name, ["ours"] = ours >= 100 ? Math.Round(ours) : Math.Round(ours, 3), ["unit"] = unit, ["peer"] = null, ["theirs"] = null, ["ratio"] = null };
        if (goal is not null) row["goal"] = goal;
        row["better"] = better;
        return row;
    }

    /// <param name="reference">What was measured before, for machines that lack the peer.</param>
    public static JsonObject Beside(this JsonObject row, string peer, double? theirs, double? reference = null)
    {
        (row["peer"], row["theirs"], row["ratio"]) = (peer, theirs is { } t ? Math.Round(t, 3) : null, theirs is { } u ? Math.Round((double)row["ours"]! / u, 3) : null);
        if (theirs is null && reference is not null) row["reference"] = reference;
        return row;
    }

    public static double Median(IEnumerable<JsonObject> taken, string field)
    {
        double[] sorted = [.. taken.Select(t => (double)t[field]!).Order()];
        return sorted[sorted.Length / 2];
    }
}
