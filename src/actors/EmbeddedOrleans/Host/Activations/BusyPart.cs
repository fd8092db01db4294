using Orleans;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>What most activations never need.</summary>
internal sealed class BusyPart(TaskCreationOptions completion)
{
    private List<GrainTimer>? timers;
    private TaskCompletionSource? gone;

    public List<GrainTimer> Timers => timers ??= [];
    public TaskCompletionSource Gone => gone ??= new(completion);
    public DeactivationReason Ending { get; set; }

    public bool IsNeeded => timers?.Count > 0 || gone is not null;
}
