using System.Net;

namespace CitySafeSense.Silo.Broker;

/// <summary>Through which broker devices reach this silo.</summary>
public enum BrokerKind
{
    /// <summary>None: HTTP only.</summary>
    Off,

    /// <summary>A Mosquitto that this silo starts and stops.</summary>
    Own,

    /// <summary>One that runs elsewhere, with the dynamic security plugin.</summary>
    External,
}

/// <summary>What a silo is told about its broker.</summary>
public sealed record BrokerOptions
{
    public BrokerKind Kind { get; init; } = BrokerKind.Off;

    /// <summary>Where a broker of our own listens. Beyond loopback its certificate names <see cref="Names"/>.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8883);

    /// <summary>Whether to go on without MQTT, or on another port, where it cannot be had as said.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Names by which devices reach a broker of our own.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>An external broker.</summary>
    public string? Host { get; init; }

    public int Port { get; init; } = 8883;

    /// <summary>The CA that signed an external broker's certificate; those of the system where left out.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Who may change an external broker's rights.</summary>
    public string? AdminUser { get; init; }

    public string? AdminPassword { get; init; }

    /// <exception cref="ArgumentException">Names the setting and the remedy.</exception>
    public void Validate()
    {
        if (Kind != BrokerKind.External) return;
        if (string.IsNullOrEmpty(Host)) throw new ArgumentException("an external broker needs a host: --broker HOST:PORT");
        if (Port is < 1 or > 65535) throw new ArgumentException("the broker's port must be 1 to 65535");
        if (AdminUser is null || AdminPassword is null) throw new ArgumentException("an external broker needs an administrator of its dynamic security: set CITYSAFE_BROKER_USER and CITYSAFE_BROKER_PASSWORD");
        if (AuthorityFile is { } file && !File.Exists(file)) throw new ArgumentException($"{file}: no such CA file");
    }
}
