using Orleans.Storage;

namespace CitySafeSense.Benchmarks.Actors;

/// <summary>A grain that does next to nothing, so that what is measured is the runtime.</summary>
[Alias("bench.ICounterGrain")]
public interface ICounterGrain : IGrainWithIntegerKey
{
    [Alias("Add")]
    ValueTask<long> Add(long amount);
}

/// <summary>Holds one small object besides its counter.</summary>
public sealed class CounterGrain : Grain, ICounterGrain
{
    private readonly long[] held = new long[1];

    public ValueTask<long> Add(long amount) => new(held[0] += amount);
}

/// <summary>A grain whose state is read when it is activated.</summary>
[Alias("bench.IKeptGrain")]
public interface IKeptGrain : IGrainWithIntegerKey
{
    [Alias("Read")]
    ValueTask<long> Read();

    /// <summary>Returns when it is durable.</summary>
    [Alias("Write")]
    Task<long> Write();
}

public sealed class KeptGrain([PersistentState("kept", "bench")] IPersistentState<KeptState> state) : Grain, IKeptGrain
{
    public ValueTask<long> Read() => new(state.State.Value);

    public async Task<long> Write()
    {
        state.State.Value++;
        await state.WriteStateAsync();
        return state.State.Value;
    }
}

[GenerateSerializer, Alias("bench.KeptState")]
public sealed class KeptState
{
    [Id(0)] public long Value { get; set; }
    [Id(1)] public string Text { get; set; } = "one hundred bytes of text, as a small state might have it, so that a row is not just a number at all";
}

/// <summary>Storage that costs nothing: what an activation costs beside it is the runtime's.</summary>
public sealed class InstantStorage : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        grainState.State = (T)(object)new KeptState { Value = 1 };
        (grainState.ETag, grainState.RecordExists) = ("1", true);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;
}
