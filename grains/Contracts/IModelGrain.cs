namespace CitySafeSense.Contracts;

/// <summary>The versions of one population's model: `{population}`. Weights are in the blob store, here are their names.</summary>
[Alias("citysafe.IModelGrain")]
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>The newest version that is durable; waits for one that is being stored.</summary>
    [Alias("Current")]
    Task<ModelInfo?> Current();

    /// <summary>Makes version 1 from a seed, or answers the current version if there is one.</summary>
    [Alias("Initialise")]
    Task<ModelInfo> Initialise(ModelSpec spec, ulong seed);

    /// <summary>Makes <paramref name="hash"/> the current version, if the current one is still <paramref name="basis"/>. A repeated commit is a no-op.</summary>
    [Alias("Commit")]
    Task<ModelInfo> Commit(string basis, string hash, int round, string strategy, int clients);

    /// <summary>Newest first.</summary>
    [Alias("History")]
    Task<ImmutableArray<ModelInfo>> History();
}

/// <summary>What a model is made of, besides its weights.</summary>
/// <param name="Centre">Per channel of the window, subtracted; then divided by <paramref name="Scale"/>.</param>
[GenerateSerializer, Immutable, Alias("citysafe.ModelSpec")]
public sealed record ModelSpec(string Kind, int Channels, int Samples, int Classes, ImmutableArray<float> Centre, ImmutableArray<float> Scale);

/// <summary>One version. Who trained it is never recorded; how many did, is.</summary>
[GenerateSerializer, Immutable, Alias("citysafe.ModelInfo")]
public sealed record ModelInfo(string Population, int Version, string Hash, int Round, string Strategy, int Clients, DateTimeOffset Committed, ModelSpec Spec);
