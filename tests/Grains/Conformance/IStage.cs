using Orleans.Storage;

namespace CitySafeSense.Tests.Conformance;

/// <summary>A runtime with the conformance grains on it: the embedded host, Orleans, or the deterministic host. Claims know nothing more.</summary>
public interface IStage
{
    IGrainFactory Grains { get; }

    /// <summary>What the runtime's timers go by.</summary>
    TimeProvider Time { get; }

    /// <summary>What grains and claims share.</summary>
    Witness Witness { get; }

    /// <summary>The storage of grain states, to write behind a grain's back.</summary>
    IGrainStorage Storage { get; }

    /// <summary>How long a caller waits for an answer.</summary>
    TimeSpan ResponseTimeout { get; }

    /// <summary>Stops the runtime and starts it again on the same storage.</summary>
    Task Restart();
}

/// <summary>Waiting, on whatever clock the stage has.</summary>
public static class StageTime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30), Step = TimeSpan.FromMilliseconds(10);

    public static Task Delay(this IStage stage, TimeSpan span) => Task.Delay(span, stage.Time);

    /// <summary>Waits until something is so; fails by its name if that takes too long.</summary>
    public static async Task Until(this IStage stage, Func<bool> holds, string what)
    {
        var started = stage.Time.GetTimestamp();
        while (!holds())
        {
            if (stage.Time.GetElapsedTime(started) > Patience) throw new TimeoutException($"after {Patience} it is still not so that {what}");
            await stage.Delay(Step);
        }
    }
}
