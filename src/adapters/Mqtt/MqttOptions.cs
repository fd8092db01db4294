namespace CitySafeSense.Mqtt;

/// <summary>What a connection is told.</summary>
public sealed record MqttOptions
{
    /// <summary>Packet ids above it belong to subscriptions.</summary>
    private const ushort MaximumSendMaximum = 65_000;

    public required string Host { get; init; }
    public int Port { get; init; } = 8883;

    /// <summary>Nothing for an unencrypted connection, which is for tests on loopback only.</summary>
    public MqttTls? Tls { get; init; }

    /// <summary>Names the session; empty lets the broker choose a name.</summary>
    public string ClientId { get; init; } = "";

    public string? User { get; init; }
    public string? Password { get; init; }

    /// <summary>Forgets what the broker has kept of this session.</summary>
    public bool CleanStart { get; init; } = true;

    /// <summary>How long the broker keeps the session without a connection; zero ends it with the connection.</summary>
    public TimeSpan SessionExpiry { get; init; }

    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For TCP, TLS and CONNACK together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Messages of QoS 1 that the broker may send before the first is acknowledged.</summary>
    public ushort ReceiveMaximum { get; init; } = 1024;

    /// <summary>Messages of QoS 1 sent before the first is acknowledged; the broker may allow fewer.</summary>
    public ushort SendMaximum { get; init; } = 256;

    /// <summary>The longest packet that is taken; longer ones end the connection.</summary>
    public int MaximumPacketBytes { get; init; } = 1 << 20;

    /// <summary>Topic names the broker may shorten to numbers.</summary>
    public ushort TopicAliasMaximum { get; init; } = 64;

    /// <summary>What is subscribed to before a connection counts as made.</summary>
    public IReadOnlyList<(string Filter, MqttQuality Quality)> Subscriptions { get; init; } = [];

    /// <summary>What the broker publishes when the connection is lost without a word.</summary>
    public MqttWill? Will { get; init; }

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        if (string.IsNullOrEmpty(Host)) throw new ArgumentException("the broker's host is needed");
        if (Port is < 1 or > 65535) throw new ArgumentException("the broker's port must be 1 to 65535");
        if (KeepAlive < TimeSpan.FromSeconds(1) || KeepAlive > TimeSpan.FromSeconds(65535)) throw new ArgumentException("keep-alive must be 1 to 65535 s");
        if (ReceiveMaximum == 0) throw new ArgumentException("the receive maximum must be 1 to 65535");
        if (SendMaximum is 0 or > MaximumSendMaximum) throw new ArgumentException($"the send maximum must be 1 to {MaximumSendMaximum}");
        if (MaximumPacketBytes is < 64 or > 268_435_455) throw new ArgumentException("the longest packet must be 64 to 268435455 bytes");
        if (SessionExpiry < TimeSpan.Zero || SessionExpiry.TotalSeconds > uint.MaxValue) throw new ArgumentException("session expiry must be 0 to 4294967295 s");
        if (Password is not null && User is null) throw new ArgumentException("a password needs a user");
        foreach (var (filter, _) in Subscriptions) MqttTopic.RequireFilter(filter);
        if (Will is not { } will) return;
        MqttTopic.RequireName(will.Topic);
        if (will.Payload.Length > ushort.MaxValue) throw new ArgumentException("a last will has at most 65535 bytes");
    }
}

/// <summary>A message that the broker keeps in hand for when this connection is lost.</summary>
public sealed record MqttWill(string Topic, ReadOnlyMemory<byte> Payload, MqttQuality Quality = MqttQuality.AtLeastOnce, bool Retain = true);

/// <summary>How often a message arrives. Exactly once (QoS 2) is not offered: what needs it is deduplicated behind the broker.</summary>
public enum MqttQuality : byte
{
    AtMostOnce,
    AtLeastOnce,
}
