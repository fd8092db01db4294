using CitySafeSense.Contracts;

namespace CitySafeSense.Grains;

/// <summary>The list of regions: `city`.</summary>
public sealed class CityGrain([PersistentState("city", "cells")] IPersistentState<CityState> state) : Grain, ICityGrain
{
    private DateTimeOffset furthest;

    public async Task<bool> Enlist(string region)
    {
        if (state.State.Regions.Contains(region)) return true;
        if (state.State.Regions.Count >= Limits.RegionsPerCity) return false;
        state.State.Regions.Add(region);
        await state.WriteOrLeave(DeactivateOnIdle);
        return true;
    }

    public Task<DateTimeOffset> Meet(DateTimeOffset clock)
    {
        if (clock > furthest) furthest = clock;
        return Task.FromResult(furthest);
    }

    public Task<ImmutableArray<string>> Regions() => Task.FromResult(state.State.Regions.ToImmutableArray());
}

[GenerateSerializer, Alias("citysafe.CityState")]
public sealed class CityState
{
    [Id(0)] public int Version { get; set; } = 1;
    [Id(1)] public SortedSet<string> Regions { get; set; } = new(StringComparer.Ordinal);
}
