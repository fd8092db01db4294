namespace CitySafeSense.Contracts;

/// <summary>Which version of a population's model answers on devices, and which is on trial: `{population}`.</summary>
[Alias("citysafe.IModelReleaseGrain")]
public interface IModelReleaseGrain : IGrainWithStringKey
{
    /// <summary>What devices are to use. Every silo asks again and again, and says what it has seen of the candidate since.</summary>
    [AlwaysInterleave]
    [Alias("InUse")]
    Task<ModelsInUse> InUse(TrialReport seen);

    /// <summary>Puts a version on trial, or moves the one that is on trial a stage further.</summary>
    /// <param name="version">Another than the one on trial; null for that one.</param>
    /// <param name="force">Even if it has not shown yet what it must.</param>
    [Alias("Promote")]
    Task<ReleaseView> Promote(int? version, bool force);

    /// <summary>Takes the candidate back, or goes back to the version before, and holds there.</summary>
    [Alias("Rollback")]
    Task<ReleaseView> Rollback();

    /// <summary>This version and no other, until it is unpinned.</summary>
    [Alias("Pin")]
    Task<ReleaseView> Pin(int version);

    [Alias("Unpin")]
    Task<ReleaseView> Unpin();

    /// <summary>Looks at the newest version and at the one on trial now, where time passes in steps; otherwise it does so every second.</summary>
    [Alias("Advance")]
    Task Advance();

    [AlwaysInterleave]
    [Alias("Show")]
    Task<ReleaseView> Show();
}

/// <param name="Share">Of the devices that answers with the candidate; 0 asks it in the shadow of the released version.</param>
[GenerateSerializer, Immutable, Alias("citysafe.ModelsInUse")]
public sealed record ModelsInUse(ModelInfo? Released, ModelInfo? Candidate, double Share);

/// <summary>Windows since the last report, and how many of them were alarms.</summary>
/// <param name="Candidate">Version it is about; 0 is none.</param>
/// <param name="Share">With which it was tried.</param>
[GenerateSerializer, Immutable, Alias("citysafe.TrialReport")]
public sealed record TrialReport(int Candidate, double Share, long Windows, long Alarms, long ReleasedWindows, long ReleasedAlarms);

/// <summary>Something that happened to a version.</summary>
[GenerateSerializer, Immutable, Alias("citysafe.ReleaseEvent")]
public sealed record ReleaseEvent(DateTimeOffset At, int Version, string What);

/// <param name="Stage">None, Shadow or Canary.</param>
/// <param name="Standing">How the candidate stands, in words.</param>
/// <param name="Events">Newest first.</param>
/// <param name="Warning">What an operator should look at, or null.</param>
[GenerateSerializer, Immutable, Alias("citysafe.ReleaseView")]
public sealed record ReleaseView(int Released, int Before, int Candidate, string Stage, bool IsHeld, string Standing, ImmutableArray<ReleaseEvent> Events, string? Warning);
