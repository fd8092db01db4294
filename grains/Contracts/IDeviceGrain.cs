namespace CitySafeSense.Contracts;

/// <summary>One device, real or virtual: `{device id}`.</summary>
[Alias("citysafe.IDeviceGrain")]
public interface IDeviceGrain : IFederatedClient
{
    /// <summary>Infers on a window (a frame as the ingress has checked it) and keeps it to learn from. Goes on while the device trains.</summary>
    [AlwaysInterleave]
    [Alias("Ingest")]
    Task<Observation> Ingest(ImmutableArray<byte> frame);

    /// <summary>The device trains by itself and would take part in rounds; from now on it is invited, and its grain trains nothing.</summary>
    /// <param name="credential">The public key with which it signs in secure sums.</param>
    /// <returns>When to say so again.</returns>
    [Alias("Offer")]
    Task<TimeSpan> Offer(ImmutableArray<byte> credential);

    /// <summary>What the device itself has trained.</summary>
    /// <exception cref="ArgumentException">The update has values that are not finite.</exception>
    /// <exception cref="FormatException">It is not an update of this round.</exception>
    [Alias("Report")]
    Task Report(RoundReport report);

    /// <summary>The device has trained, and sits in its place of a secure sum.</summary>
    /// <exception cref="ArgumentException">It was given no such place.</exception>
    [Alias("Advertise")]
    Task Advertise(string shard, int place, ImmutableArray<byte> keys);

    /// <summary>The device's answer to a step of a secure sum; waited for within <see cref="IFederatedClient.Secure"/>.</summary>
    [AlwaysInterleave]
    [Alias("Answer")]
    Task Answer(SecureCall answer);

    /// <summary>Forgets windows, personal model and its part in rounds; false if there was nothing.</summary>
    [Alias("Forget")]
    Task<bool> Forget();

    [AlwaysInterleave]
    [Alias("Status")]
    Task<DeviceStatus> Status();
}

/// <summary>What a window was taken for.</summary>
/// <param name="Activity">Index into the classes; null before there is a trained model.</param>
/// <param name="Model">Hash of the global weights in use; null before there is a trained model.</param>
[GenerateSerializer, Immutable, Alias("citysafe.Observation")]
public sealed record Observation(byte? Activity, float Probability, float VelocityChangeEast, float VelocityChangeNorth, string? Model);

/// <param name="GlobalModel">Hash of the global weights last received; null before the first round.</param>
/// <param name="PersonalModel">Hash of what the device keeps for itself; null if it keeps nothing.</param>
[GenerateSerializer, Immutable, Alias("citysafe.DeviceStatus")]
public sealed record DeviceStatus(string Device, int LastRound, string? GlobalModel, string? PersonalModel, int BufferedWindows, long WindowsSeen);
