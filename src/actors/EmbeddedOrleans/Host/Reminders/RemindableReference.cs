using Orleans;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>By which the host wakes a grain.</summary>
internal sealed class RemindableReference(ReferenceTarget target) : GrainReference(target), IRemindable
{
    private static readonly GrainMethod Receive = new(typeof(IRemindable), nameof(IRemindable.ReceiveReminder), [typeof(string), typeof(TickStatus)], CallTraits.None);

    public Task ReceiveReminder(string reminderName, TickStatus status) => Send(new Call(this, reminderName, status));

    private sealed class Call(RemindableReference target, string reminderName, TickStatus status) : GrainCall<bool>(target)
    {
        protected override GrainMethod Method => Receive;

        protected override ValueTask<bool> Invoke(object grain, CancellationToken cancellation) => Completed(((IRemindable)grain).ReceiveReminder(reminderName, status));
    }
}
