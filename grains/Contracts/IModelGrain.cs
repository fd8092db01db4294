namespace CitySafeSense.Contracts;

/// <summary>The versions of one population's model: `{population}`. Weights are in the blob store, here are their names.</summary>
[Alias("citysafe.IModelGrain")]
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>The newest version that is durable; waits for one that is being stored.</summary>
    [Alias("Current")]
    Task<ModelInfo?> Current();

    /// <summary>Makes version 1 from a seed, or from weights that are stored already; answers the current version if there is one.</summary>
    /// <param name="weights">Hash of the stored weights to begin with, or null to draw them from the seed.</param>
    [Alias("Initialise")]
    Task<ModelInfo> Initialise(ModelSpec spec, ulong seed, string? weights = null);

    /// <summary>Makes a round's outcome the current version, if the current one is still its basis. A repeated commit is a no-op.</summary>
    [Alias("Commit")]
    Task<ModelInfo> Commit(ModelCommit commit);

    /// <summary>Decides about a round whose coordinator does not know how its commit ended: the version it made, or nothing, and then it will never make one.</summary>
    [Alias("Settle")]
    Task<ModelInfo?> Settle(int round);

    /// <summary>Newest first.</summary>
    [Alias("History")]
    Task<ImmutableArray<ModelInfo>> History();
}

/// <summary>What clients of a population learn from.</summary>
public enum LearningInput
{
    /// <summary>Windows that devices ingest.</summary>
    Windows,

    /// <summary>Examples of any kind, by learners.</summary>
    Examples,

    /// <summary>Frames of rooms.</summary>
    Frames,
}

/// <summary>What a model is made of, besides its weights. Its input is [channels, height, samples].</summary>
/// <param name="Kind">The name of a model family.</param>
/// <param name="Centre">Per channel of the window, subtracted; then divided by <paramref name="Scale"/>. Empty where the input is not windows.</param>
/// <param name="Settings">Of the family, as key=value with spaces between them.</param>
[GenerateSerializer, Immutable, Alias("citysafe.ModelSpec")]
public sealed record ModelSpec(
    string Kind, int Channels, int Samples, int Classes, ImmutableArray<float> Centre, ImmutableArray<float> Scale, int Height = 1, string Settings = "", LearningInput Input = LearningInput.Windows);

/// <summary>What a round would make current.</summary>
/// <param name="Basis">The hash it started from.</param>
/// <param name="ServerMemory">Hash of what the server optimiser remembers with this version, or null.</param>
/// <param name="Epsilon">Spent by rounds up to this one, where they are private.</param>
[GenerateSerializer, Immutable, Alias("citysafe.ModelCommit")]
public sealed record ModelCommit(string Basis, string Hash, int Round, string Strategy, int Clients, double MeanLoss, string? ServerMemory, double? Epsilon);

/// <summary>One version. Who trained it is never recorded; how many did, is.</summary>
/// <param name="TrainedOn">What kind of windows it has learned from, in words; said when it was committed, and true wherever it is copied to.</param>
[GenerateSerializer, Immutable, Alias("citysafe.ModelInfo")]
public sealed record ModelInfo(
    string Population, int Version, string Hash, int Round, string Strategy, int Clients, DateTimeOffset Committed, ModelSpec Spec,
    double? MeanLoss = null, string? ServerMemory = null, double? Epsilon = null, string TrainedOn = "unknown");
