using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Learning;

namespace CitySafeSense.Grains;

/// <summary>The versions of one population's model: `{population}`.</summary>
public sealed class ModelGrain(
    [PersistentState("model", "models")] IPersistentState<ModelState> state, IBlobStore blobs, GlobalModels models, CityOptions city, ICityClock clock, TimeProvider time) : Grain, IModelGrain
{
    public Task<ModelInfo?> Current() => Task.FromResult(state.State.Versions.LastOrDefault());

    public async Task<ModelInfo> Initialise(ModelSpec spec, ulong seed, string? weights)
    {
        if (state.State.Versions.LastOrDefault() is { } current) return current;
        var model = models.Runtime(spec).Model;
        var start = weights is null ? new ParameterVector(model.Initialise(seed)) : ParameterVector.FromBytes(await blobs.Get(weights));
        if (start.Length != model.Layout.Length) throw new ArgumentException($"{start.Length} weights do not fit {spec.Kind} with {model.Layout.Length} parameters");
        return await Add(new ModelCommit("", await blobs.Put(start.ToBytes()), 0, "initial", 0, 0, null, null), spec);
    }

    public async Task<ModelInfo> Commit(ModelCommit commit)
    {
        var current = state.State.Versions.LastOrDefault() ?? throw new InvalidOperationException($"population {this.GetPrimaryKeyString()} has no model yet");
        if (current.Hash == commit.Hash && current.Round == commit.Round) return current;
        if (commit.Round <= Math.Max(current.Round, state.State.SettledRound)) throw new InvalidOperationException($"round {commit.Round} is settled and can no longer be committed");
        if (current.Hash != commit.Basis) throw new InvalidOperationException($"round {commit.Round} started from {commit.Basis}, but {current.Hash} is current");
        var next = await Add(commit, current.Spec);
        if (current.ServerMemory is { } old && old != next.ServerMemory) await blobs.Delete(old);
        return next;
    }

    public async Task<ModelInfo?> Settle(int round)
    {
        if (state.State.Versions.LastOrDefault(v => v.Round == round && round > 0) is { } committed) return committed;
        if (state.State.SettledRound < round)
        {
            state.State.SettledRound = round;
            await state.WriteOrLeave(DeactivateOnIdle);
        }
        return null;
    }

    public Task<ImmutableArray<ModelInfo>> History() => Task.FromResult(state.State.Versions.AsEnumerable().Reverse().ToImmutableArray());

    private async Task<ModelInfo> Add(ModelCommit commit, ModelSpec spec)
    {
        var info = new ModelInfo(
            this.GetPrimaryKeyString(), state.State.Next, commit.Hash, commit.Round, commit.Strategy, commit.Clients, clock.Now(time), spec,
            commit.Round == 0 ? null : commit.MeanLoss, commit.ServerMemory, commit.Epsilon, commit.Round == 0 ? "nothing yet" : city.TrainedOn);
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

    /// <summary>The last round that was given up: no commit of it or an earlier one is taken any more.</summary>
    [Id(3)] public int SettledRound { get; set; }
}
