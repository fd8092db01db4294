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
    public ReceivedModel Received => new(Weights, Memory.IsEmpty ? [] : Memory.Vectors[0], Info.Hash);
}

/// <summary>The global models of a silo, each held once however many devices use it, and which of them devices answer with (asked again every second).</summary>
public sealed class GlobalModels(IBlobStore blobs, TimeProvider time, ICityClock clock)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, Task<LoadedModel>> loaded = new();
    private readonly ConcurrentDictionary<string, WeakReference<float[]>> bases = new();
    private readonly ConcurrentDictionary<string, ModelRuntime> runtimes = new();
    private readonly ConcurrentDictionary<string, (Task<ModelsOnDevices?> Answer, long Asked)> inUse = new();

    /// <summary>What devices of a population answer with; null before there is anything.</summary>
    public Task<ModelsOnDevices?> InUse(IGrainFactory grains, string population)
    {
        var entry = inUse.GetOrAdd(population, static (p, self) => self.Item1.Ask(self.grains, p, null), (this, grains));
        return !clock.IsStepped && time.GetElapsedTime(entry.Asked) > Freshness ? AskAgain(grains, population, entry) : entry.Answer;
    }

    /// <summary>Asks now, and tells what has been seen of the candidate.</summary>
    public Task Refresh(IGrainFactory grains, string population) =>
        inUse.TryGetValue(population, out var entry) ? AskAgain(grains, population, entry) : InUse(grains, population);

    private Task<ModelsOnDevices?> AskAgain(IGrainFactory grains, string population, (Task<ModelsOnDevices?> Answer, long Asked) entry)
    {
        var again = Ask(grains, population, entry.Answer);
        return inUse.TryUpdate(population, again, entry) ? again.Item1 : entry.Answer;
    }

    public Task<LoadedModel> Load(ModelInfo info)
    {
        // Versions replace each other; which of the old ones goes first does not matter.
        while (loaded.Count >= Limits.CachedModels && loaded.Keys.FirstOrDefault(h => h != info.Hash) is { } old) loaded.TryRemove(old, out _);
        var task = loaded.GetOrAdd(info.Hash, static (_, self) => self.Item1.Fetch(self.info), (this, info));
        if (task.IsFaulted) loaded.TryRemove(info.Hash, out _);
        return task;
    }

    /// <summary>A version's weights by their name, held once for as long as anybody's personal model differs from them.</summary>
    /// <exception cref="KeyNotFoundException">They are not stored.</exception>
    public async Task<ReadOnlyMemory<float>> Weights(string hash)
    {
        if (loaded.TryGetValue(hash, out var version) && version.IsCompletedSuccessfully) return (await version).Weights;
        if (bases.TryGetValue(hash, out var held) && held.TryGetTarget(out var known)) return known;
        var weights = ParameterVector.FromBytes(await blobs.Get(hash)).Values.ToArray();
        while (bases.Count >= Limits.ModelVersions && bases.Keys.FirstOrDefault() is { } old) bases.TryRemove(old, out _);
        bases[hash] = new WeakReference<float[]>(weights);
        return weights;
    }

    /// <summary>The code of a model; one for each description.</summary>
    public ModelRuntime Runtime(ModelSpec spec) =>
        runtimes.GetOrAdd($"{spec.Kind}/{spec.Settings}/{spec.Input}/{spec.Channels}x{spec.Height}x{spec.Samples}/{spec.Classes}/{string.Join(',', spec.Centre)}/{string.Join(',', spec.Scale)}", static (_, s) => new ModelRuntime(s), spec);

    private (Task<ModelsOnDevices?>, long) Ask(IGrainFactory grains, string population, Task<ModelsOnDevices?>? before) => (Told(grains, population, before), time.GetTimestamp());

    private async Task<ModelsOnDevices?> Told(IGrainFactory grains, string population, Task<ModelsOnDevices?>? before)
    {
        var known = before is { IsCompletedSuccessfully: true } ? await before : null;
        var told = await grains.GetGrain<IModelReleaseGrain>(population).InUse(known?.Take() ?? new TrialReport(0, 0, 0, 0, 0, 0));
        if (told.Released is not { } released) return null;
        return known?.Is(told) == true ? known : new ModelsOnDevices(await Load(released), told.Candidate is { } candidate ? await Load(candidate) : null, told.Share);
    }

    private async Task<LoadedModel> Fetch(ModelInfo info) =>
        new(info, Runtime(info.Spec), ParameterVector.FromBytes(await blobs.Get(info.Hash)).Values.ToArray(),
            info.ServerMemory is { } memory ? ServerMemory.Decode(await blobs.Get(memory)) : ServerMemory.None);
}
