using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace CitySafeSense.InProcess;

/// <summary>Faults of a release that its attackers must find.</summary>
public enum PrivacyPlant
{
    None,

    /// <summary>Nine are enough to be shown.</summary>
    KMinusOne,

    /// <summary>Each answer has noise of its own.</summary>
    ResampledNoise,

    /// <summary>Who looks for what is out of the ordinary sees what was never released.</summary>
    RawAlarm,

    /// <summary>Hours are shown as they were counted.</summary>
    NoNoise,

    /// <summary>Each device stands for itself, whoever has it.</summary>
    OwnerBlind,

    /// <summary>A contributor has one pseudonym, in all bins and places.</summary>
    FixedPseudonym,
}

/// <summary>Spoils the answers of regions, as planted.</summary>
internal sealed class SpoiledAnswers(PrivacyPlant plant, Noise noise) : IOutgoingGrainCallFilter
{
    /// <summary>The cells there are, and who asks them.</summary>
    public IReadOnlyCollection<string> Cells { get; set; } = [];

    public IGrainFactory? Grains { get; set; }

    /// <summary>How many devices there truly were in an hour of a place.</summary>
    public Dictionary<(string Cell, long Hour), HashSet<string>> Truth { get; } = [];

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        await context.Invoke();
        if (plant == PrivacyPlant.ResampledNoise && context.Result is RegionView view)
            context.Result = view with { Cells = [.. view.Cells.Select(c => c.NoisyDevices is { } shown ? c with { NoisyDevices = shown + noise.Gaussian(5) } : c)] };
        if (plant == PrivacyPlant.NoNoise && context.Result is RegionView hours)
            context.Result = hours with { Cells = [.. hours.Cells.Select(c => c.NoisyDevices is null ? c : c with { NoisyDevices = Truth[(c.Cell, c.BinStartUnixSeconds)].Count })] };
        if (plant == PrivacyPlant.RawAlarm && context.Result is RegionReleases releases)
            context.Result = releases with { Bins = [.. (await Task.WhenAll(releases.Bins.Select(Raw)))] };
    }

    private async Task<ReleasedBin> Raw(ReleasedBin bin)
    {
        var views = await Task.WhenAll(Cells.Select(async c => await Grains!.GetGrain<IHotspotCellGrain>(c).View()));
        var counts = views.SelectMany(v => v.Closed.Where(b => b.StartUnixSeconds == bin.StartUnixSeconds).Select(b => (v.Cell, Bin: b))).ToArray();
        var (harm, all) = (counts.Sum(c => ActivityClasses.IncidentsIn(c.Bin.Windows)), counts.Sum(c => c.Bin.Windows.Sum()));
        ReleasedCell Shown(string cell, CellBin of) => new(cell, 1, bin.StartUnixSeconds, of.Contributors, of.Windows, of.Discontinuities, IncidentScore.Of(ActivityClasses.IncidentsIn(of.Windows), of.Windows.Sum(), harm, all), null);
        return bin with { Cells = [.. counts.Select(c => Shown(c.Cell, c.Bin))] };
    }
}

/// <summary>A store that refuses some writes of regions: it says so after a while, and has kept nothing.</summary>
internal sealed class RefusingStorage(IGrainStorage inner) : IGrainStorage
{
    private int left;

    /// <summary>How many writes of regions it will refuse from now on.</summary>
    public int Refusals
    {
        get => left;
        set => left = value;
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (stateName == "region" && Interlocked.Decrement(ref left) >= 0)
        {
            await Task.Delay(20);
            throw new IOException("the store refuses this write");
        }
        await inner.WriteStateAsync(stateName, grainId, grainState);
    }
}
