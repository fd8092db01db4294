using CitySafeSense.Contracts;

namespace CitySafeSense.Grains;

/// <summary>One shard of the list of devices that were heard, with the last day of each: `{shard}`.</summary>
public sealed class RetentionGrain([PersistentState("retention", "devices")] IPersistentState<RetentionState> state) : Grain, IRetentionGrain
{
    public Task Heard(ImmutableArray<string> devices, int day)
    {
        string[] later = [.. devices.Where(d => state.State.LastDays.GetValueOrDefault(d) < day)];
        if (later.Length == 0) return Task.CompletedTask;
        foreach (var device in later) state.State.LastDays[device] = day;
        return state.WriteOrLeave(DeactivateOnIdle);
    }

    public Task<ImmutableArray<string>> Silent(int before)
    {
        var beyond = state.State.LastDays.Count - Limits.DevicesPerRetentionShard;
        return Task.FromResult<ImmutableArray<string>>([.. state.State.LastDays.OrderBy(d => d.Value).ThenBy(d => d.Key, StringComparer.Ordinal).TakeWhile((d, i) => i < beyond || d.Value < before).Select(d => d.Key)]);
    }

    public async Task<bool> Forget(string device)
    {
        if (!state.State.LastDays.Remove(device)) return false;
        await state.WriteOrLeave(DeactivateOnIdle);
        return true;
    }
}

[GenerateSerializer, Alias("citysafe.RetentionState")]
public sealed class RetentionState
{
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>In days since 0001-01-01: no finer than it must be.</summary>
    [Id(1)] public SortedDictionary<string, int> LastDays { get; set; } = new(StringComparer.Ordinal);
}
