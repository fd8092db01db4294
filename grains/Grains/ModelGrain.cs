using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Learning;

namespace CitySafeSense.Grains;

/// <summary>The versions of one population's model: `{population}`.</summary>
public sealed class ModelGrain(
    [PersistentState("model", "models")] IPersistentState<ModelState> state, IBlobStore blobs, GlobalModels models, TimeProvider time) : Grain, IModelGrain
{
    public Task<ModelInfo?> Current() => Task.FromResult(state.State.Versions.LastOrDefault());

    public async Task<ModelInfo> Initialise(ModelSpec spec, ulong seed)
    {
        if (state.State.Versions.LastOrDefault() is { } current) return current;
        var weights = new ParameterVector(models.Runtime(spec).Model.Initialise(seed));
        return await Add(await blobs.Put(weights.ToBytes()), 0, "initial", 0, spec);
    }

    public async Task<ModelInfo> Commit(string basis, string hash, int round, string strategy, int clients)
    {
        var current = state.State.Versions.LastOrDefault() ?? throw new InvalidOperationException($"population {this.GetPrimaryKeyString()} has no model yet");
        if (current.Hash == hash) return current;
        if (current.Hash != basis) throw new InvalidOperationException($"round {round} started from {basis}, but {current.Hash} is current");
        return await Add(hash, round, strategy, clients, current.Spec);
    }

    public Task<ImmutableArray<ModelInfo>> History() => Task.FromResult(state.State.Versions.AsEnumerable().Reverse().ToImmutableArray());

    private async Task<ModelInfo> Add(string hash, int round, string strategy, int clients, ModelSpec spec)
    {
        var info = new ModelInfo(this.GetPrimaryKeyString(), state.State.Next, hash, round, strategy, clients, time.GetUtcNow(), spec);
        state.State.Next++;
        state.State.Versions = [.. state.State.Versions.Append(info).TakeLast(Limits.ModelVersions)];
        await state.WriteOrLeave(DeactivateOnIdle);
        return info;
    }
}

[GenerateSerializer, Alias("citysafe.ModelState")]
public sealed class ModelState
{
    [Id(0)] public int Version { get; set; } = 1;
    [Id(1)] public int Next { get; set; } = 1;

    /// <summary>Oldest first.</summary>
    [Id(2)] public List<ModelInfo> Versions { get; set; } = [];
}
