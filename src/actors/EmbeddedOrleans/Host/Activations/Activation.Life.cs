using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>How an activation comes and goes.</summary>
internal sealed partial class Activation
{
    /// <summary>Makes the grain and reads its states; then calls may start.</summary>
    public async Task Activate()
    {
        try
        {
            List<PersistentStateFacet>? states;
            constructing = this;
            try
            {
                grain = kind.Create(this);
            }
            finally
            {
                (constructing, states, constructed) = (null, constructed, null);
            }
            foreach (var state in states ?? []) await state.ReadStateAsync();
            await grain.OnActivateAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            Leave(e);
            return;
        }
        lock (Gate) stage = Stage.Active; // on a turn: what waits is looked at when it ends
    }

    /// <summary>Lets the grain say goodbye; then the activation is gone.</summary>
    public async Task End()
    {
        DisposeTimers();
        try
        {
            if (grain is not null) await grain.OnDeactivateAsync(busy!.Ending, CancellationToken.None);
        }
        catch (Exception e)
        {
            Host.Report(this, e);
        }
        Leave(null);
    }

    /// <summary>Leaves the host; what still waits goes to the next activation, or fails if there was none at all.</summary>
    private void Leave(Exception? failure)
    {
        ICall[] orphans;
        lock (Gate)
        {
            stage = Stage.Gone;
            orphans = [.. calls.Waiting.OrderBy(c => c.Arrival)];
            calls.Clear();
        }
        DisposeTimers();
        kind.Remove(this);
        foreach (var call in orphans)
        {
            if (failure is not null) Refuse(call, failure);
            else if (!call.IsOver && !Host.GivesUpOn(call, this)) kind.Deliver(key, call, call.Sender);
        }
        BusyPart? part;
        lock (Gate) part = busy;
        part?.Go();
    }

    /// <summary>Where nobody waits, the log is told.</summary>
    private void Refuse(ICall call, Exception failure)
    {
        if (call.Traits.HasFlag(CallTraits.OneWay)) Host.Report(this, failure);
        call.Fail(failure);
    }

    private BusyPart NewBusyPart() => new(Dispatcher.Completion);

    private void DisposeTimers()
    {
        GrainTimer[] remaining;
        lock (Gate) remaining = [.. busy?.Timers ?? []];
        foreach (var timer in remaining) timer.Dispose();
    }

    /// <summary>A write lost a race: what this activation believes is stale, so the next call starts from storage.</summary>
    internal void Distrust(InconsistentStateException exception) =>
        DeactivateWhenIdle(new DeactivationReason(DeactivationReasonCode.ApplicationError, exception, "its state was written by another"));

    /// <summary>As if its process had died: nothing of it runs again, and who waits for it is told that it is gone.</summary>
    public void Kill()
    {
        List<ICall> waiting = [];
        lock (Gate)
        {
            Die();
            stage = Stage.Gone;
            waiting.AddRange(inFlight.Calls.Concat(calls.Waiting).OrderBy(c => c.Arrival));
            inFlight.Clear();
        }
        DisposeTimers();
        kind.Remove(this);
        foreach (var call in waiting) call.Fail(new SiloUnavailableException($"{GrainId} died while {call.Name} was under way"));
        busy?.Go();
    }
}
