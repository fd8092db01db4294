using System.Collections.Concurrent;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Learning;

namespace CitySafeSense.Grains;

/// <summary>A version's weights with the code that runs them.</summary>
/// <param name="Memory">What the server optimiser remembers with this version.</param>
public sealed record LoadedModel(ModelInfo Info, ModelRuntime Runtime, ReadOnlyMemory<float> Weights, ServerMemory Memory)
{
    /// <summary>What clients are sent.</summary>
    public ReceivedModel Received => new(Weights, Memory.IsEmpty ? [] : Memory.Vectors[0]);
}

/// <summary>The global models of a silo, each held once however many devices use it, and which one is current (asked again every second).</summary>
public sealed class GlobalModels(IBlobStore blobs, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, Task<LoadedModel>> loaded = new();
    private readonly ConcurrentDictionary<string, ModelRuntime> runtimes = new();
    private readonly ConcurrentDictionary<string, (Task<ModelInfo?> Answer, long Asked)> current = new();

    /// <summary>The current version of a population; null before there is one.</summary>
    public async Task<LoadedModel?> Current(IGrainFactory grains, string population)
    {
        var entry = current.GetOrAdd(population, static (p, self) => self.Item1.Ask(self.grains, p), (this, grains));
        if (time.GetElapsedTime(entry.Asked) > Freshness)
        {
            var again = Ask(grains, population);
            if (current.TryUpdate(population, again, entry)) entry = again;
        }
        return await entry.Answer is { } info ? await Load(info) : null;
    }

    public Task<LoadedModel> Load(ModelInfo info)
    {
        // Versions replace each other; which of the old ones goes first does not matter.
        while (loaded.Count >= Limits.CachedModels && loaded.Keys.FirstOrDefault(h => h != info.Hash) is { } old) loaded.TryRemove(old, out _);
        var task = loaded.GetOrAdd(info.Hash, static (_, self) => self.Item1.Fetch(self.info), (this, info));
        if (task.IsFaulted) loaded.TryRemove(info.Hash, out _);
        return task;
    }

    /// <summary>The code of a model; one for each description.</summary>
    public ModelRuntime Runtime(ModelSpec spec) =>
        runtimes.GetOrAdd($"{spec.Kind}/{spec.Settings}/{spec.Input}/{spec.Channels}x{spec.Height}x{spec.Samples}/{spec.Classes}/{string.Join(',', spec.Centre)}/{string.Join(',', spec.Scale)}", static (_, s) => new ModelRuntime(s), spec);

    private (Task<ModelInfo?>, long) Ask(IGrainFactory grains, string population) => (grains.GetGrain<IModelGrain>(population).Current(), time.GetTimestamp());

    private async Task<LoadedModel> Fetch(ModelInfo info) =>
        new(info, Runtime(info.Spec), ParameterVector.FromBytes(await blobs.Get(info.Hash)).Values.ToArray(),
            info.ServerMemory is { } memory ? ServerMemory.Decode(await blobs.Get(memory)) : ServerMemory.None);
}
