namespace CitySafeSense.Contracts;

/// <summary>One device, real or virtual: `{device id}`.</summary>
[Alias("citysafe.IDeviceGrain")]
public interface IDeviceGrain : IGrainWithStringKey
{
    /// <summary>Infers on a window (a frame as the ingress has checked it) and keeps it to learn from. Goes on while the device trains.</summary>
    [AlwaysInterleave]
    [Alias("Ingest")]
    Task<Observation> Ingest(ImmutableArray<byte> frame);

    /// <summary>Takes part in a round: blends, trains, reports to the round by itself.</summary>
    [OneWay]
    [Alias("Participate")]
    Task Participate(Invitation invitation);

    /// <summary>How the device does on windows it does not train on, with the model it uses between rounds. Simulation and research only.</summary>
    [Alias("Evaluate")]
    Task<EvaluationReport> Evaluate(Invitation received, ImmutableArray<ImmutableArray<byte>> frames);

    [AlwaysInterleave]
    [Alias("Status")]
    Task<DeviceStatus> Status();
}

/// <summary>What a window was taken for.</summary>
/// <param name="Activity">Index into the classes; null before there is a trained model.</param>
/// <param name="Model">Hash of the global weights in use; null before there is a trained model.</param>
[GenerateSerializer, Immutable, Alias("citysafe.Observation")]
public sealed record Observation(byte? Activity, float Probability, float VelocityChangeEast, float VelocityChangeNorth, string? Model);

/// <summary>An invitation to a round, and which weights it starts from.</summary>
[GenerateSerializer, Immutable, Alias("citysafe.Invitation")]
public sealed record Invitation(string Population, int Round, ModelInfo Model, RoundTerms Terms);

/// <summary>Counts [truth, prediction], row by row, over the classes of the model.</summary>
[GenerateSerializer, Immutable, Alias("citysafe.EvaluationReport")]
public sealed record EvaluationReport(int Classes, ImmutableArray<long> Counts, double Loss);

/// <param name="GlobalModel">Hash of the global weights last received; null before the first round.</param>
/// <param name="PersonalModel">Hash of what the device keeps for itself; null if it keeps nothing.</param>
[GenerateSerializer, Immutable, Alias("citysafe.DeviceStatus")]
public sealed record DeviceStatus(string Device, int LastRound, string? GlobalModel, string? PersonalModel, int BufferedWindows, long WindowsSeen);
