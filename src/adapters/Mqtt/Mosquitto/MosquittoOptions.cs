using System.Net;

namespace CitySafeSense.Mqtt.Mosquitto;

/// <summary>What a broker of our own is told.</summary>
public sealed record MosquittoOptions
{
    /// <summary>Its certificates, configuration, rights, queues and log; only the owner may read it.</summary>
    public required string Folder { get; init; }

    /// <summary>TLS only. Port 0 takes a free one, and the same again next time.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8883);

    /// <summary>Names and addresses in its certificate besides localhost and where it listens.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Who may change rights.</summary>
    public required string AdminUser { get; init; }

    public required string AdminPassword { get; init; }

    /// <summary>The longest packet; whoever sends a longer one is disconnected.</summary>
    public int MaximumPacketBytes { get; init; } = 512 << 10;

    /// <summary>Messages of QoS 1 that wait for one client; what comes on top is dropped, which devices notice by the missing acknowledgement.</summary>
    public int QueuedMessages { get; init; } = 20_000;

    /// <summary>Messages of QoS 1 on their way to one client.</summary>
    public int InFlightMessages { get; init; } = 2_000;
}
