namespace CitySafeSense.Learning;

/// <summary>Where each layer's values lie in one block of memory: layers that are never needed at the same time share bytes.</summary>
internal sealed class ArenaPlan
{
    private readonly Dictionary<int, int> offsets = [];

    /// <param name="nodes">The first is given and the last goes straight to the caller; those between need a place.</param>
    public ArenaPlan(IReadOnlyList<Node> nodes)
    {
        var last = nodes.Count - 1;
        var lives = Enumerable.Range(1, Math.Max(0, last - 1)).Select(i => (Node: i, Size: nodes[i].Shape.Length, Until: Enumerable.Range(i + 1, last - i).Where(j => nodes[j].Inputs.Contains(i)).DefaultIfEmpty(i).Max())).ToArray();
        // The largest first, each at the lowest place where nothing lies that lives at the same time.
        foreach (var life in lives.OrderByDescending(l => l.Size).ThenBy(l => l.Node))
        {
            var at = 0;
            foreach (var other in lives.Where(o => offsets.ContainsKey(o.Node) && o.Node <= life.Until && life.Node <= o.Until).OrderBy(o => offsets[o.Node]))
            {
                if (at + life.Size <= offsets[other.Node]) break;
                at = Math.Max(at, offsets[other.Node] + other.Size);
            }
            offsets.Add(life.Node, at);
            Bytes = Math.Max(Bytes, at + life.Size);
        }
    }

    /// <summary>Of the whole block.</summary>
    public int Bytes { get; }

    public int OffsetOf(int node) => offsets[node];
}
