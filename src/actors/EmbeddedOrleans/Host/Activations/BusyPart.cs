using Orleans;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>What most activations never need. Touched under the activation's gate, except for <see cref="Go"/>.</summary>
internal sealed class BusyPart(TaskCreationOptions completion)
{
    private readonly TaskCompletionSource gone = new(completion);
    private List<GrainTimer>? timers;
    private bool asked;

    public List<GrainTimer> Timers => timers ??= [];
    public DeactivationReason Ending { get; set; }

    public bool IsNeeded => timers?.Count > 0 || asked;

    /// <summary>Ends when the activation has left.</summary>
    public Task AskForGone()
    {
        asked = true;
        return gone.Task;
    }

    public void Go() => gone.TrySetResult();
}
