namespace CitySafeSense.Contracts;

/// <summary>A number for everything that grows.</summary>
public static class Limits
{
    /// <summary>Partitions of the ingest log.</summary>
    public const int Partitions = 16;

    /// <summary>Labelled windows that a silo's devices keep to learn from, together: 2 GB.</summary>
    public const int LearningWindowsPerSilo = 500_000;

    /// <summary>Windows a device keeps to learn from; the oldest go first.</summary>
    public const int BufferedWindows = 512;

    /// <summary>Frames a room keeps to learn from: 6 MB of 64 x 64; the oldest go first.</summary>
    public const int FramesPerRoom = 512;

    /// <summary>Labelled windows from which on a device would take part in a round.</summary>
    public const int WindowsToTakePart = 8;

    /// <summary>Rounds after which a personal model is too old to answer with.</summary>
    public const int PersonalModelRounds = 5;

    /// <summary>Devices a population remembers as willing.</summary>
    public const int CheckedInDevices = 200_000;

    /// <summary>Rounds whose outcome is kept.</summary>
    public const int RecentRounds = 256;

    /// <summary>Model versions whose lineage is kept.</summary>
    public const int ModelVersions = 1024;

    /// <summary>What happened to versions on their way to devices, remembered.</summary>
    public const int ReleaseEvents = 256;

    /// <summary>Versions whose answers on held-out windows a silo remembers.</summary>
    public const int EvaluatedVersions = 64;

    /// <summary>Windows a second that a candidate is asked about in the shadow, on each silo.</summary>
    public const int ShadowWindows = 200;

    /// <summary>Global models held in memory at once.</summary>
    public const int CachedModels = 16;

    /// <summary>Rows a partition passes on at once.</summary>
    public const int RowsPerPush = 4096;

    /// <summary>Entries in one append.</summary>
    public const int EntriesPerAppend = 4096;

    /// <summary>Devices whose sequence windows a partition keeps in memory.</summary>
    public const int CachedDevicesPerPartition = 20_000;

    /// <summary>Cells of resolution 9 in a region of resolution 5.</summary>
    public const int CellsPerRegion = 2401;

    /// <summary>Released bins a region remembers.</summary>
    public const int ReleasedBinsPerRegion = 288;

    /// <summary>Released bins in one answer about all cells of a region.</summary>
    public const int ReleasedBinsPerAnswer = 12;

    /// <summary>(r8 cell, hour) slots a region remembers: a day of all its 343 r8 cells.</summary>
    public const int ReleaseSlotsPerRegion = 343 * 25;

    /// <summary>Regions that one query may touch.</summary>
    public const int RegionsPerQuery = 64;

    /// <summary>Regions in a city.</summary>
    public const int RegionsPerCity = 4096;

    /// <summary>Shards of the list of registered devices.</summary>
    public const int RegistryShards = 64;

    /// <summary>Registered devices in one shard: some 200,000 in all.</summary>
    public const int DevicesPerRegistryShard = 4096;

    /// <summary>Shards of the list of devices that were heard.</summary>
    public const int RetentionShards = 64;

    /// <summary>Devices in one of them: a million in all; beyond that the longest silent are forgotten first.</summary>
    public const int DevicesPerRetentionShard = 16_384;

    /// <summary>Entries of the audit that are kept.</summary>
    public const int AuditEntries = 4096;

    /// <summary>Sessions at the broker over which telemetry is spread; events have one of their own besides each.</summary>
    public const int IngressSessions = 4;

    /// <summary>How long a silo has a session without asking again.</summary>
    public static readonly TimeSpan IngressLease = TimeSpan.FromSeconds(10);

    /// <summary>How long a device that trains by itself has to answer a step of a secure sum.</summary>
    public static readonly TimeSpan DeviceAnswer = TimeSpan.FromSeconds(20);

    /// <summary>Updates of devices that wait in a silo, for each session; one is as long as a model.</summary>
    public const int QueuedUpdates = 64;

    /// <summary>Messages of one session that wait in a silo.</summary>
    public const int QueuedArrivals = 2048;

    /// <summary>Messages that go through ingress together.</summary>
    public const int ArrivalsPerBatch = 512;

    /// <summary>Windows of one device that may be on their way, when there is room.</summary>
    public const int CreditPerDevice = 64;

    /// <summary>Dead letters a silo remembers.</summary>
    public const int DeadLetters = 4096;

    /// <summary>Dead letters of one device that are remembered in a minute; all are counted.</summary>
    public const int DeadLettersPerDeviceMinute = 10;

    /// <summary>The longest a caller may wait within one call.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
}
