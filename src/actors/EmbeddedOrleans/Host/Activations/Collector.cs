using Orleans;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>How much memory is in use, of how much there is.</summary>
/// <param name="Reading">Changes when the figures do: nothing is decided twice on one reading. 0 is always new.</param>
public readonly record struct MemoryLoad(long UsedBytes, long AvailableBytes, long Reading = 0)
{
    /// <summary>This process's managed heap as the last collection left it, of what the machine or its container gives.</summary>
    public static MemoryLoad OfThisProcess()
    {
        var info = GC.GetGCMemoryInfo();
        return new(info.HeapSizeBytes, info.TotalAvailableMemoryBytes, info.Index);
    }

    public double Percentage => AvailableBytes <= 0 ? 0 : 100.0 * UsedBytes / AvailableBytes;
}

/// <summary>Ends activations that nobody uses: those idle for too long, and under memory pressure those used longest ago.</summary>
internal sealed class Collector(ActorHost host, ActorHostOptions options)
{
    private long decidedOn;
    private readonly int age = host.PulsesIn(options.CollectionAge);

    public void CollectByAge()
    {
        var reason = new DeactivationReason(DeactivationReasonCode.ActivationIdle, $"not used for {options.CollectionAge}");
        var oldest = host.Pulse - age;
        foreach (var activation in host.Activations)
        {
            if (activation.IsIdleSince(oldest)) activation.DeactivateWhenIdle(reason);
            else activation.TrimWhenIdle();
        }
    }

    /// <summary>Lets go of as large a share of the activations as memory must shrink by.</summary>
    public void CollectUnderPressure()
    {
        if (!options.ShedOnMemoryPressure) return;
        var load = options.Memory();
        if (load.Percentage <= options.MemoryLimitPercentage || (load.Reading != 0 && load.Reading == decidedOn)) return;
        decidedOn = load.Reading;
        var reason = new DeactivationReason(
            DeactivationReasonCode.HighMemoryPressure, $"{load.Percentage:0} % of memory is in use, {options.MemoryLimitPercentage:0} % is the limit");
        Activation[] idle = [.. host.Activations.Where(a => a.IsIdleSince(host.Pulse + 1)).OrderBy(a => a.LastUsed)];
        var share = (load.Percentage - options.MemoryTargetPercentage) / load.Percentage;
        foreach (var activation in idle.Take((int)Math.Ceiling(idle.Length * share))) activation.DeactivateWhenIdle(reason);
    }
}
