using System.Net;
using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.Silo.Broker;

namespace CitySafeSense.Silo;

/// <summary>A fault that a verification plants, to see that it is found.</summary>
public enum PlantedFault
{
    None,
    AckBeforeCommit,
    NoDedupe,

    /// <summary>A device that has restarted is taken for the one from before.</summary>
    LostEpoch,

    /// <summary>What comes behind a later number is acknowledged and dropped.</summary>
    ReorderDrop,

    /// <summary>Devices may always send all they have.</summary>
    NoCredit,

    /// <summary>Cells tell contributors apart by an unkeyed hash of the device's id.</summary>
    IdInCell,
}

/// <summary>What a silo is told.</summary>
public sealed record SiloOptions
{
    /// <summary>Where databases and keys lie.</summary>
    public string DataFolder { get; init; } = "data";

    /// <summary>Where tokens and the pseudonym key lie; silos of one cluster share it. In the data folder where left out.</summary>
    public string? KeysFolder { get; init; }

    /// <summary>Connection string of PostgreSQL; files in the data folder where left out.</summary>
    public string? Postgres { get; init; }

    /// <summary>How this silo is one of several; alone where left out.</summary>
    public ClusterMembership? Cluster { get; init; }

    /// <summary>How long a grain's caller waits for an answer, in a cluster: a silo that died must be noticed soon.</summary>
    public TimeSpan ClusterResponseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Loopback unless a certificate is given. Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8080);

    /// <summary>PEM with certificate and key; TLS on.</summary>
    public string? CertificateFile { get; init; }

    public CityOptions City { get; init; } = new();

    /// <summary>Threads that train; 0 = one for each core.</summary>
    public int Workers { get; init; }

    /// <summary>The first version's weights, and in simulation the noise.</summary>
    public ulong Seed { get; init; } = 1;

    public PlantedFault Plant { get; init; }

    /// <summary>Through which broker devices reach it.</summary>
    public BrokerOptions Broker { get; init; } = new();

    /// <summary>What a version of the model must show before it goes out.</summary>
    public ReleasePolicy Release { get; init; } = new();

    /// <summary>When rounds start by themselves.</summary>
    public RoundScheduleOptions Rounds { get; init; } = new();

    /// <summary>Days of silence after which what is kept of a device is forgotten; its registration stays until somebody revokes it.</summary>
    public int RetentionDays { get; init; } = 30;

    /// <summary>Operators may see exact counts of cells with real devices in them; each look is in the audit. Virtual devices' they always may.</summary>
    public bool OperatorCounts { get; init; }

    /// <summary>Labelled windows (CSV) by which versions are judged; in simulation virtual people's where left out.</summary>
    public string? HeldOutFile { get; init; }

    /// <exception cref="ArgumentException">Names the setting and the remedy.</exception>
    public void Validate()
    {
        City.Validate();
        Release.Validate();
        Broker.Validate();
        Rounds.Validate();
        if (RetentionDays is < 1 or > 3650) throw new ArgumentException("retention days must be 1 to 3650");
        if (HeldOutFile is { } windows && !File.Exists(windows)) throw new ArgumentException($"{windows}: no such file of held-out windows");
        if (!IPAddress.IsLoopback(Listen.Address) && CertificateFile is null)
            throw new ArgumentException($"listening on {Listen} reaches beyond this machine: give --certificate FILE.pem, or listen on 127.0.0.1");
        if (CertificateFile is { } file && !File.Exists(file)) throw new ArgumentException($"{file}: no such certificate file");
        if (Workers is < 0 or > 1024) throw new ArgumentException("workers must be 0 (one for each core) to 1024");
        if (Cluster is not null && Postgres is null) throw new ArgumentException("silos of a cluster share a PostgreSQL database: give --store postgres");
        if (Cluster is not null && !Hosting.ActorRuntime.CanCluster)
            throw new ArgumentException($"the {Hosting.ActorRuntime.Name} runtime runs in one process: for several silos use --runtime orleans");
        Cluster?.Validate();
        if (ClusterResponseTimeout < TimeSpan.FromSeconds(1)) throw new ArgumentException("the cluster's response timeout must be a second or more");
        if (Plant != PlantedFault.None && City.Privacy != PrivacyMode.Simulation) throw new ArgumentException("faults are planted in simulation only");
    }
}
