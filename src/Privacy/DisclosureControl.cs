namespace CitySafeSense.Privacy;

/// <summary>What may be shown of one group of cells.</summary>
/// <param name="Key">The cell, or the parent that stands for several.</param>
/// <param name="Members">The cells it is the union of; one if it stands for itself.</param>
public sealed record Disclosure<TKey>(TKey Key, IReadOnlyList<TKey> Members, int Contributors);

/// <summary>What is shown, what was merged into something shown, and what is not shown at all.</summary>
public sealed record DisclosureOutcome<TKey>(IReadOnlyList<Disclosure<TKey>> Released, IReadOnlyList<Disclosure<TKey>> Merged, IReadOnlyList<TKey> Suppressed);

/// <summary>
/// The rule of k: nothing is shown of fewer than k contributors. Cells too small to show are merged under their parent, and
/// the merge is shown if it reaches k; it holds only what was suppressed, never a cell shown by itself, so that no
/// subtraction of one from another leaves a small remainder.
/// </summary>
public static class DisclosureControl
{
    public const int DefaultContributors = 10;

    /// <param name="cells">Each cell with its distinct contributors in this bin. A contributor of two cells may be counted in both, so a merge
    /// counts only the largest cell's for sure; <paramref name="distinctOf"/> says how many a union has at least.</param>
    public static DisclosureOutcome<TKey> Apply<TKey>(
        IReadOnlyCollection<(TKey Cell, int Contributors)> cells, int k, Func<TKey, TKey> parentOf, Func<IReadOnlyList<TKey>, int> distinctOf)
        where TKey : notnull, IComparable<TKey>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        var released = new List<Disclosure<TKey>>();
        var merged = new List<Disclosure<TKey>>();
        var suppressed = new List<TKey>();
        foreach (var (cell, contributors) in cells.OrderBy(c => c.Cell))
            if (contributors >= k) released.Add(new(cell, [cell], contributors));
        foreach (var siblings in cells.Where(c => c.Contributors < k).GroupBy(c => parentOf(c.Cell)).OrderBy(g => g.Key))
        {
            TKey[] members = [.. siblings.Select(c => c.Cell).Order()];
            var union = distinctOf(members);
            if (members.Length > 1 && union >= k) merged.Add(new(siblings.Key, members, union));
            else suppressed.AddRange(members);
        }
        return new(released, merged, suppressed);
    }
}
