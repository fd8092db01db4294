namespace CitySafeSense.Wire;

/// <param name="Status">"ok" or "degraded".</param>
/// <param name="Degraded">The parts that do not work: devices, ingest, cells (stores), grains.</param>
/// <param name="Warnings">What works and should be looked at.</param>
public sealed record HealthAnswer(string Status, IReadOnlyList<string> Degraded, IReadOnlyList<string> Warnings, string Version, string Runtime, string RuntimeVersion, string Privacy, DateTimeOffset CityTime);

/// <summary>What went wrong, where, and what helps.</summary>
public sealed record ErrorAnswer(string Error);

/// <summary>What became of a request's windows or events; what is accepted is durable. The status is 422 where all were refused.</summary>
/// <param name="Error">The reasons in words, where any was refused.</param>
public sealed record IngestAnswer(int Accepted, int Duplicates, IReadOnlyList<RejectedWindow> Rejected, string? Error = null);

/// <param name="Index">Place in the request, from 0.</param>
/// <param name="Reason">too_late, bad_cell, bad_shape ...</param>
public sealed record RejectedWindow(int Index, string Reason);

/// <summary>A message that was refused; the message itself is not kept.</summary>
/// <param name="Kind">windows or events.</param>
public sealed record DeadLetterAnswer(DateTimeOffset At, string? Device, string Kind, string Reason, int Bytes);

/// <summary>The last messages that this silo refused, newest first.</summary>
/// <param name="Suppressed">Beyond the few a minute that are remembered of one device.</param>
/// <param name="Counts">All of them, by reason.</param>
public sealed record DeadLettersAnswer(IReadOnlyList<DeadLetterAnswer> Letters, long Suppressed, IReadOnlyDictionary<string, long> Counts);

/// <summary>What came in on this silo since it started.</summary>
/// <param name="Leases">Sessions of the broker that this silo reads.</param>
/// <param name="StageSeconds">Time in each stage, over all batches.</param>
public sealed record IngestStatusAnswer(
    long Windows, long Events, long Duplicates, IReadOnlyDictionary<string, long> Refused, long Acknowledgements, int Leases, BrokerAnswer? Broker, string? Trouble,
    IReadOnlyDictionary<string, double> StageSeconds);

/// <param name="Authority">PEM of the CA that signed the broker's certificate; nothing where those of the system count.</param>
public sealed record BrokerAnswer(string Host, int Port, string? Authority);

public sealed record RegisterDevices(IReadOnlyList<DeviceToRegister> Devices);

/// <param name="Cell">H3 cell of resolution 9 where the device is fixed, for events that name none.</param>
/// <param name="Owner">Whose it is; devices of one owner count as one contributor. Its own where left out.</param>
public sealed record DeviceToRegister(string Device, string? Cell = null, string? Owner = null);

/// <summary>Credentials, told this once.</summary>
public sealed record RegisteredDevicesAnswer(IReadOnlyList<CredentialAnswer> Credentials, BrokerAnswer? Broker);

/// <summary>What there was of a device and is not any more; a second look found nothing.</summary>
public sealed record ForgottenAnswer(string Device, bool Credential, bool Learned, bool Delivered, bool Willing, AuditEntryAnswer Audit);

public sealed record AuditAnswer(IReadOnlyList<AuditEntryAnswer> Entries);

/// <param name="Subject">A keyed pseudonym.</param>
/// <param name="Hash">SHA-256 of number, time, action, subject, detail and previous, each on a line.</param>
public sealed record AuditEntryAnswer(long Number, DateTimeOffset At, string Action, string Subject, string Detail, string Previous, string Hash);

public sealed record CredentialAnswer(string Device, string Password);

public sealed record DevicesAnswer(IReadOnlyList<RegisteredDeviceAnswer> Devices);

/// <param name="Configured">Number of the configuration it is to have; 0 where it was given none.</param>
/// <param name="Runs">The one it says it has.</param>
public sealed record RegisteredDeviceAnswer(string Device, string? Cell, string? Owner, DateTimeOffset Registered, bool? Online, DateTimeOffset? Seen, int Configured, int? Runs);

/// <param name="Number">What the device says when it has this configuration.</param>
public sealed record ConfiguredAnswer(string Device, int Number);

/// <summary>What to decide about a round; what is left out takes the default.</summary>
public sealed record StartRound(
    string Strategy, int Goal, ulong Seed, double? OverSelection = null, double? DeadlineSeconds = null, int? Epochs = null, int? BatchSize = null, string? Optimiser = null, double? LearningRate = null,
    string? Aggregation = null, string? Codec = null, double? ProximalWeight = null, double? ServerRate = null, double? UpdateNormMax = null, PrivateRounds? Privacy = null,
    bool SecureSum = false);

/// <summary>Rounds with noise: every client joins by chance, and the budget is for all rounds of the population together.</summary>
/// <param name="NoiseMultiplier">Standard deviation of the noise over the update norm bound.</param>
public sealed record PrivateRounds(double NoiseMultiplier, double SamplingRate, double Delta, double EpsilonBudget, bool AdaptsClipping = false);

public sealed record StartedRound(int Round);

public sealed record RoundsAnswer(int CheckedInDevices, IReadOnlyList<RoundAnswer> Rounds);

/// <param name="Outcome">The hash of what was committed, or why the round was abandoned.</param>
/// <param name="Epsilon">Spent by this and all earlier private rounds.</param>
/// <param name="Declined">In simulation: how many did not report although they were invited, and why; nothing where none declined.</param>
public sealed record RoundAnswer(
    int Round, string Phase, string Strategy, string BaseModel, string? Outcome, int Invited, int Reported, int Clipped, double MeanLoss,
    DateTimeOffset Started, DateTimeOffset? Ended, long UpdateBytes, double? Epsilon, string? Declined = null);

/// <summary>What is known of one device.</summary>
/// <param name="Registration">Nothing for a device that a gateway speaks for.</param>
/// <param name="Refused">The last of its messages that this silo refused, newest first.</param>
public sealed record DeviceAnswer(
    string Device, int LastRound, string? GlobalModel, string? PersonalModel, int BufferedWindows, long WindowsSeen,
    RegisteredDeviceAnswer? Registration, IReadOnlyList<DeadLetterAnswer> Refused);

public sealed record ModelAnswer(int Version, string Hash, int Round, string Strategy, int Clients, DateTimeOffset Committed, string TrainedOn, double? MeanLoss, double? Epsilon);

public sealed record ModelsAnswer(IReadOnlyList<ModelAnswer> Versions, ReleaseAnswer Release);

/// <summary>Which version devices answer with, and which is on trial; 0 is none.</summary>
/// <param name="Stage">None, Shadow or Canary.</param>
/// <param name="Standing">How the candidate stands, in words.</param>
/// <param name="Events">Newest first.</param>
/// <param name="Warning">What an operator should look at, or null.</param>
public sealed record ReleaseAnswer(int Released, int Before, int Candidate, string Stage, bool IsHeld, string Standing, IReadOnlyList<ReleaseEventAnswer> Events, string? Warning);

public sealed record ReleaseEventAnswer(DateTimeOffset At, int Version, string What);

/// <summary>What to do about releases.</summary>
/// <param name="Action">promote, rollback, pin or unpin.</param>
/// <param name="Version">To pin, or to put on trial.</param>
/// <param name="Force">Promote even if the version has not shown yet what it must.</param>
public sealed record ChangeRelease(string Action, int? Version = null, bool Force = false);

/// <summary>Sets the virtual city's time; it never goes back.</summary>
/// <param name="Stepped">Whoever simulates waits for each step: nothing happens by itself between two.</param>
public sealed record SetClock(DateTimeOffset Now, bool Stepped = false);

/// <summary>Rows of the ingest log that no cell has confirmed yet.</summary>
public sealed record SettleAnswer(long Pending);
