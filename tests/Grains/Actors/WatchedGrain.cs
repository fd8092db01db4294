using Orleans;
using Orleans.Concurrency;

namespace CitySafeSense.Tests.Actors;

/// <summary>One caller waits for what another does.</summary>
public interface IWatchedGrain : IGrainWithStringKey
{
    [AlwaysInterleave]
    Task Watch();

    Task Change();
}

public sealed class WatchedGrain : Grain, IWatchedGrain
{
    private readonly TaskCompletionSource changed = new();

    public Task Watch() => changed.Task;

    public Task Change()
    {
        changed.TrySetResult();
        return Task.CompletedTask;
    }
}
