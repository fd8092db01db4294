using System.Globalization;
using CitySafeSense.Contracts;
using CitySafeSense.Numerics;
using Orleans;

namespace CitySafeSense.InProcess;

/// <summary>
/// Clients that are invited and never heard of again: their invitations are lost on the way. When everybody else has reported,
/// the clock of the cluster jumps past the deadline, so that nobody waits for them and nobody is late by accident.
/// </summary>
/// <param name="share">Of those invited; who it is depends on seed, client and round alone.</param>
internal sealed class Dropouts(double share, ulong seed) : IOutgoingGrainCallFilter
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new();
    private int round, lost, reported;

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.MethodName == nameof(IFederatedClient.Participate) && Loses(context.TargetId.Key.ToString()!)) return;
        await context.Invoke();
        if (context.MethodName is not (nameof(IFederatedRoundGrain.Report) or nameof(ISecureShardGrain.Advertise))) return;
        lock (gate)
        {
            reported++;
            changed.TrySetResult();
        }
    }

    public void Begin(int number)
    {
        lock (gate) (round, lost, reported) = (number, 0, 0);
    }

    /// <summary>Returns when all of so many who were invited have reported, or taken their seat in a secure sum, but for those who dropped out.</summary>
    public async Task Everybody(int invited)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (reported + lost >= invited) return;
                changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                next = changed.Task;
            }
            await next;
        }
    }

    private bool Loses(string client)
    {
        lock (gate)
        {
            if (!Rng.For(seed, "dropout", client, round.ToString(CultureInfo.InvariantCulture)).Chance(share)) return false;
            lost++;
            return true;
        }
    }
}

/// <summary>The system's time, and jumps.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private long jumpedTicks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref jumpedTicks));

    public void Jump(TimeSpan by) => Interlocked.Add(ref jumpedTicks, by.Ticks);
}
