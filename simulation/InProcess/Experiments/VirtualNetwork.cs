using System.Globalization;
using CitySafeSense.Contracts;
using CitySafeSense.Numerics;
using Orleans;

namespace CitySafeSense.InProcess;

/// <summary>
/// What lies between an experiment's clients and their coordinator. Some invitations are lost on the way. Where updates are
/// buffered, clients take their time: invitations are held and delivered in the order in which their clients would be done,
/// so that who is first depends on the seed and not on threads.
/// </summary>
/// <param name="lost">Share of the invitations; whose it is depends on seed, client and round alone.</param>
public sealed class VirtualNetwork(double lost, bool isBuffered, ulong seed) : IOutgoingGrainCallFilter
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<(double Done, string Client), IOutgoingGrainCallContext> held = [];
    private TaskCompletionSource changed = new();
    private int round, missing, reported;
    private double now;

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.MethodName == nameof(IFederatedClient.Participate) && Stops(context)) return;
        await context.Invoke();
        if (context.MethodName is not (nameof(IFederatedRoundGrain.Report) or nameof(IFederatedRoundGrain.Decline) or nameof(ISecureShardGrain.Advertise))) return;
        lock (gate)
        {
            reported++;
            changed.TrySetResult();
        }
    }

    public void Begin(int number)
    {
        lock (gate) (round, missing, reported) = (number, 0, 0);
    }

    /// <summary>Returns when all of so many who were invited have reported, declined, or taken their seat in a secure sum, but for those whose invitation was lost.</summary>
    public Task Everybody(int invited) => Until(() => reported + missing >= invited);

    /// <summary>Delivers the invitations of those who are done first, and waits for their reports. Fewer are left where many were lost.</summary>
    /// <returns>Whether there were so many.</returns>
    public async Task<bool> First(int count)
    {
        IOutgoingGrainCallContext[] next;
        lock (gate)
        {
            var first = held.Take(count).ToArray();
            foreach (var (key, _) in first) held.Remove(key);
            if (first.Length > 0) now = first[^1].Key.Done;
            next = [.. first.Select(f => f.Value)];
        }
        foreach (var invitation in next) await invitation.Invoke();
        await Until(() => reported >= next.Length);
        return next.Length == count;
    }

    /// <summary>How long a client takes for a round, in units of a usual one: everybody has a pace, and better and worse days.</summary>
    public static double Duration(ulong seed, string client, int round) =>
        Elementary.Exp(0.7 * Rng.For(seed, "pace", client).Gaussian() + 0.4 * Rng.For(seed, "day", client, round.ToString(CultureInfo.InvariantCulture)).Gaussian());

    private bool Stops(IOutgoingGrainCallContext invitation)
    {
        var client = invitation.TargetId.Key.ToString()!;
        lock (gate)
        {
            if (Rng.For(seed, "dropout", client, round.ToString(CultureInfo.InvariantCulture)).Chance(lost)) missing++;
            else if (isBuffered) held.Add((now + Duration(seed, client, round), client), invitation);
            else return false;
            return true;
        }
    }

    private async Task Until(Func<bool> reached)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (reached()) return;
                changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                next = changed.Task;
            }
            await next;
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
