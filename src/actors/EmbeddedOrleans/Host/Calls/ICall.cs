namespace CitySafeSense.EmbeddedOrleans;

/// <summary>What a grain may be given to run: a call, a timer's firing, a step of its own life.</summary>
internal interface ICall
{
    /// <summary>Interface and method, for messages.</summary>
    string Name { get; }

    CallTraits Traits { get; }

    /// <summary>Its place in the order of arrival at its activation.</summary>
    int Arrival { get; set; }

    /// <summary>The host's pulse at which it was sent; see <see cref="ActorHost.Pulse"/>.</summary>
    int SentAt { get; set; }

    /// <summary>The activation that waits for it; null outside of grains.</summary>
    Activation? Sender { get; }

    /// <summary>Nobody waits for it any more: it timed out or was cancelled.</summary>
    bool IsOver { get; }

    /// <summary>Its answer is lost on the way: the caller does not hear how it ended.</summary>
    bool IsMuted { get; set; }

    /// <summary>Runs on the grain's turn. True if it ended at once; otherwise it tells <see cref="CallTarget.EndedLater"/>.</summary>
    bool Start(CallTarget target);

    /// <summary>It will not run, or its answer will not be waited for. Whoever waits is told, once.</summary>
    void Fail(Exception exception);
}

/// <summary>How a call goes together with others.</summary>
[Flags]
public enum CallTraits
{
    None = 0,

    /// <summary>Runs while anything else awaits.</summary>
    Interleaves = 1,

    /// <summary>Runs while others that change nothing await.</summary>
    ReadOnly = 2,

    /// <summary>Nobody waits for it.</summary>
    OneWay = 4,

    /// <summary>Is no use of the grain: does not keep it from being collected.</summary>
    Idle = 8,
}
