using System.Net;

namespace CitySafeSense.Silo;

/// <summary>How a silo joins others. They find each other by the name of the cluster, in PostgreSQL.</summary>
public sealed record ClusterMembership
{
    public string Name { get; init; } = "citysafe";

    /// <summary>Where the other silos and clients reach this one. The links between silos are not encrypted: a network of their own, or loopback.</summary>
    public IPAddress Advertise { get; init; } = IPAddress.Loopback;

    /// <summary>For other silos.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>For clients of the cluster; 0 = none.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > 100) throw new ArgumentException("a cluster's name has 1 to 100 characters");
        if (SiloPort is < 1 or > 65535) throw new ArgumentException("the silo port must be 1 to 65535");
        if (GatewayPort is < 0 or > 65535) throw new ArgumentException("the gateway port must be 0 (none) to 65535");
        if (SiloPort == GatewayPort) throw new ArgumentException("silo port and gateway port must differ");
    }
}
