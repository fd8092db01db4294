using CitySafeSense.Sdk;
using CitySafeSense.Sensing;
using CitySafeSense.Wire;

namespace CitySafeSense.Cli.Verbs;

/// <summary>Looks at the public hotspots again and again, as anybody could, and remembers each bin once.</summary>
internal sealed class HotspotWatch
{
    private readonly Dictionary<(string Cell, DateTimeOffset Bin), HotspotCell> seen = [];

    public int Answers { get; private set; }
    public HotspotsAnswer? Last { get; private set; }

    /// <summary>Windows of incident classes in what was shown.</summary>
    public int Detections => seen.Values.Sum(c => c.Windows?.Where(w => ActivityClasses.IncidentNames.Contains(w.Key)).Sum(w => w.Value) ?? 0);

    public async Task Look(CitySafeClient client, CancellationToken cancellation)
    {
        Last = await client.Hotspots(cancellation: cancellation);
        Answers++;
        foreach (var cell in Last.Cells) seen[(cell.Cell, cell.BinStart)] = cell;
    }

    public IEnumerable<HotspotCell> Hottest(int most) => seen.Values.OrderByDescending(c => c.Score).ThenBy(c => c.Cell, StringComparer.Ordinal).Take(most);
}
