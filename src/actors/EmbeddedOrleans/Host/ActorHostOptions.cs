using System.Reflection;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>What a host is told. Defaults are those of Orleans.</summary>
public sealed record ActorHostOptions
{
    /// <summary>Assemblies with grain classes.</summary>
    public required IReadOnlyList<Assembly> GrainAssemblies { get; init; }

    /// <summary>Assemblies with grain interfaces and messages, and what is generated for them.</summary>
    public required IReadOnlyList<Assembly> ContractAssemblies { get; init; }

    /// <summary>How long a caller waits for an answer.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>An activation not used for this long ends.</summary>
    public TimeSpan CollectionAge { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often idle activations are looked for.</summary>
    public TimeSpan CollectionQuantum { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether activations go when memory runs short.</summary>
    public bool ShedOnMemoryPressure { get; init; }

    /// <summary>Above this share of memory activations go, those used longest ago first.</summary>
    public double MemoryLimitPercentage { get; init; } = 80;

    /// <summary>How far memory is to come down.</summary>
    public double MemoryTargetPercentage { get; init; } = 75;

    /// <summary>How often memory is looked at.</summary>
    public TimeSpan MemoryPollingPeriod { get; init; } = TimeSpan.FromSeconds(5);

    public Func<MemoryLoad> Memory { get; init; } = MemoryLoad.OfThisProcess;

    /// <summary>Activations of a stateless worker that names no number.</summary>
    public int StatelessWorkers { get; init; } = Environment.ProcessorCount;

    /// <summary>How long a stop waits for calls that still run.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reminders cannot tick more often than this.</summary>
    public TimeSpan MinimumReminderPeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Passes every argument and result through bytes, as a network would. For measurements, and to find messages that do not survive it.</summary>
    public IMessageCodec? Codec { get; init; }

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        Require(ResponseTimeout > TimeSpan.Zero, nameof(ResponseTimeout), "above zero");
        Require(CollectionAge > TimeSpan.Zero && CollectionQuantum > TimeSpan.Zero, "CollectionAge and CollectionQuantum", "above zero");
        Require(MemoryTargetPercentage > 0 && MemoryTargetPercentage <= MemoryLimitPercentage && MemoryLimitPercentage <= 100, "MemoryTargetPercentage and MemoryLimitPercentage", "0 < target <= limit <= 100");
        Require(MemoryPollingPeriod > TimeSpan.Zero, nameof(MemoryPollingPeriod), "above zero");
        Require(DrainTime >= TimeSpan.Zero, nameof(DrainTime), "zero or more");
        Require(MinimumReminderPeriod > TimeSpan.Zero, nameof(MinimumReminderPeriod), "above zero");
    }

    private static void Require(bool holds, string setting, string range)
    {
        if (!holds) throw new ArgumentException($"{setting} must be {range}");
    }
}
