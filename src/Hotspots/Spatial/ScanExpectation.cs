using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>What is expected in every cylinder, and the likelihood ratios of counts beside it.</summary>
internal sealed class ScanExpectation(ScanZones zones, int spanMax, int stride, long total)
{
    private readonly float[] expected = new float[zones.Cells.Count * (zones.RadiusMax + 1) * stride], bound = new float[zones.Cells.Count * (zones.RadiusMax + 1) * stride];
    private readonly float[] inside = new float[stride];

    /// <summary>One cylinder: a disk over the last spans.</summary>
    internal readonly record struct Cylinder(int Centre, int Radius, int Span, double Cases, double Expected, double Ratio);

    /// <param name="windows">Expected, [cells, spans].</param>
    public void Prepare(float[] windows)
    {
        for (var centre = 0; centre < zones.Cells.Count; centre++)
        {
            inside.AsSpan().Clear();
            for (var radius = 0; radius <= zones.RadiusMax; radius++)
            {
                AddRing(windows, centre, radius);
                var at = At(centre, radius);
                inside.CopyTo(expected, at);
                // Nothing to see where nothing was expected, or everything.
                for (var span = 0; span < spanMax; span++) bound[at + span] = (float)ScanLikelihood.BoundFactor(inside[span], total);
            }
        }
    }

    /// <summary>The largest ratio of all cylinders; as soon as it is known to be below a floor its value does not matter.</summary>
    public double Largest(float[] windows, double floor)
    {
        var largest = floor * (1 - 1e-9);
        var found = 0.0;
        for (var centre = 0; centre < zones.Cells.Count; centre++)
        {
            inside.AsSpan().Clear();
            for (var radius = 0; radius <= zones.RadiusMax; radius++)
            {
                AddRing(windows, centre, radius);
                var e = expected.AsSpan(At(centre, radius), spanMax);
                var b = bound.AsSpan(At(centre, radius), spanMax);
                for (var span = 0; span < e.Length; span++)
                {
                    var above = inside[span] - e[span];
                    if (above <= 0 || above * above * b[span] < largest) continue;
                    if (ScanLikelihood.Ratio(inside[span], e[span], total) is var ratio && ratio >= largest) found = largest = ratio;
                }
            }
        }
        return found;
    }

    /// <summary>The most likely cylinders that share no cell, each the best of its centre.</summary>
    public IReadOnlyList<Cylinder> Clusters(float[] windows, int most)
    {
        var best = new List<Cylinder>();
        for (var centre = 0; centre < zones.Cells.Count; centre++)
        {
            inside.AsSpan().Clear();
            var of = default(Cylinder);
            for (var radius = 0; radius <= zones.RadiusMax; radius++)
            {
                AddRing(windows, centre, radius);
                for (var span = 0; span < spanMax; span++)
                    if (ScanLikelihood.Ratio(inside[span], expected[At(centre, radius) + span], total) is var ratio && ratio > of.Ratio)
                        of = new(centre, radius, span + 1, inside[span], expected[At(centre, radius) + span], ratio);
            }
            if (of.Ratio > 0) best.Add(of);
        }
        var (chosen, taken) = (new List<Cylinder>(), new HashSet<int>());
        foreach (var cylinder in best.OrderByDescending(c => c.Ratio).ThenBy(c => c.Centre))
        {
            if (chosen.Count == most) break;
            var disk = zones.Disk(cylinder.Centre, cylinder.Radius).ToArray();
            if (disk.Any(taken.Contains)) continue;
            taken.UnionWith(disk);
            chosen.Add(cylinder);
        }
        return chosen;
    }

    private void AddRing(float[] windows, int centre, int radius)
    {
        foreach (var cell in zones.Ring(centre, radius)) Kernels.Chosen.Add(windows.AsSpan(cell * stride, stride), inside);
    }

    private int At(int centre, int radius) => (centre * (zones.RadiusMax + 1) + radius) * stride;
}
