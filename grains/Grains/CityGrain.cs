using CitySafeSense.Contracts;

namespace CitySafeSense.Grains;

/// <summary>The list of regions: `city`.</summary>
public sealed class CityGrain([PersistentState("city", "cells")] IPersistentState<CityState> state) : Grain, ICityGrain
{
    private DateTimeOffset furthest = DateTimeOffset.UnixEpoch;

    public async Task<bool> Enlist(string region)
    {
        if (state.State.Regions.Contains(region)) return true;
        if (state.State.Regions.Count >= Limits.RegionsPerCity) return false;
        state.State.Regions.Add(region);
        await state.WriteOrLeave(DeactivateOnIdle);
        return true;
    }

    public Task<DateTimeOffset?> Meet(DateTimeOffset? clock)
    {
        if (clock > furthest) furthest = clock.Value;
        return Task.FromResult<DateTimeOffset?>(state.State.IsVirtual ? furthest : null);
    }

    public async Task BecomeVirtual()
    {
        if (state.State.IsVirtual) return;
        state.State.IsVirtual = true;
        await state.WriteOrLeave(DeactivateOnIdle);
    }

    public async Task<PrivacyMode> DecidePrivacy(PrivacyMode mode)
    {
        if (state.State.Privacy is { } decided) return decided;
        state.State.Privacy = mode;
        await state.WriteOrLeave(DeactivateOnIdle);
        return mode;
    }

    public Task<ImmutableArray<string>> Regions() => Task.FromResult(state.State.Regions.ToImmutableArray());
}

[GenerateSerializer, Alias("citysafe.CityState")]
public sealed class CityState
{
    [Id(0)] public int Version { get; set; } = 1;
    [Id(1)] public SortedSet<string> Regions { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Whether time is what a virtual city says.</summary>
    [Id(2)] public bool IsVirtual { get; set; }

    /// <summary>Nothing before the first silo has started.</summary>
    [Id(3)] public PrivacyMode? Privacy { get; set; }
}
