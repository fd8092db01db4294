namespace CitySafeSense.Tests.Conformance;

/// <summary>A grain that does what it is asked to, so that a claim can watch the runtime around it.</summary>
[Alias("test.IScriptedGrain")]
public interface IScriptedGrain : IGrainWithStringKey
{
    /// <summary>How many calls were seen inside at once, at most, beside this one.</summary>
    [Alias("CountOverlaps")]
    Task<int> CountOverlaps(TimeSpan within);

    [Alias("ResumesInTurn")]
    Task<bool> ResumesInTurn();

    [Alias("Hold")]
    Task Hold(string gate);

    [AlwaysInterleave]
    [Alias("Open")]
    Task Open(string gate);

    [AlwaysInterleave]
    [Alias("Watch")]
    Task Watch(string gate);

    [ReadOnly]
    [Alias("Look")]
    Task Look(string gate);

    [OneWay]
    [Alias("Forget")]
    Task Forget(string gate);

    [Alias("Fail")]
    Task<int> Fail(int code);

    [Alias("Append")]
    Task Append(int number);

    [Alias("Appended")]
    Task<int[]> Appended();

    [Alias("Keep")]
    Task<Parcel> Keep(Parcel parcel);

    [Alias("Kept")]
    Task<Parcel> Kept();

    [Alias("Pass")]
    Task<Postcard> Pass(Postcard card);

    [Alias("Frank")]
    Task<Stamp> Frank(Stamp stamp);

    [Alias("Set")]
    Task Set(int value);

    [Alias("Get")]
    Task<int> Get();

    [Alias("Clear")]
    Task Clear();

    [Alias("Activation")]
    ValueTask<int> Activation();

    [Alias("Leave")]
    Task Leave();

    [Alias("CallOther")]
    Task<int> CallOther(string other);

    /// <summary>Calls along a chain of grains; a chain that comes back waits for itself.</summary>
    [Alias("CallAlong")]
    Task CallAlong(string[] rest);

    [Alias("StartTimer")]
    Task StartTimer(string name, TimeSpan period, bool interleave);

    [Alias("WaitUntilCancelled")]
    Task WaitUntilCancelled(string name, CancellationToken cancellation);

    [Alias("ContextAlong")]
    Task<string?> ContextAlong(string key, string[] rest);

    [Alias("Notify")]
    Task Notify(IListener listener, string news);
}

/// <summary>Outside of grains, and called by them.</summary>
[Alias("test.IListener")]
public interface IListener : IGrainObserver
{
    [Alias("Hear")]
    Task Hear(string news);
}

public sealed class ScriptedGrain([PersistentState("scripted", "tests")] IPersistentState<ScriptedState> state, Witness witness) : Grain, IScriptedGrain
{
    private readonly int activation = witness.Next();
    private readonly List<int> appended = [];
    private Parcel kept = new();
    private int inside, overlaps;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (this.GetPrimaryKeyString() == "never") throw new TestFailureException(13);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        witness.Happened.Enqueue($"{this.GetPrimaryKeyString()} left: {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public async Task<int> CountOverlaps(TimeSpan within)
    {
        overlaps = Math.Max(overlaps, inside);
        inside++;
        await Task.Yield();
        if (within > TimeSpan.Zero) await Task.Delay(within, witness.Time);
        inside--;
        return overlaps;
    }

    public async Task<bool> ResumesInTurn()
    {
        var before = TaskScheduler.Current;
        await Task.Delay(TimeSpan.FromMilliseconds(1), witness.Time);
        var afterDelay = TaskScheduler.Current;
        await Task.WhenAll(Task.Delay(TimeSpan.FromMilliseconds(1), witness.Time), Task.Delay(TimeSpan.FromMilliseconds(2), witness.Time));
        return before != TaskScheduler.Default && afterDelay == before && TaskScheduler.Current == before;
    }

    public async Task Hold(string gate)
    {
        witness.Happened.Enqueue($"holds {gate}");
        await witness.Gate(gate);
    }

    public Task Open(string gate)
    {
        witness.Open(gate);
        return Task.CompletedTask;
    }

    public Task Watch(string gate) => Hold(gate);

    public Task Look(string gate) => Hold(gate);

    public async Task Forget(string gate)
    {
        await witness.Gate(gate);
        witness.Happened.Enqueue("forgotten call ran");
        throw new TestFailureException(1);
    }

    public async Task<int> Fail(int code)
    {
        await Task.Yield();
        throw new TestFailureException(code);
    }

    public Task Append(int number)
    {
        appended.Add(number);
        return Task.CompletedTask;
    }

    public Task<int[]> Appended() => Task.FromResult(appended.ToArray());

    public Task<Parcel> Keep(Parcel parcel)
    {
        kept = parcel;
        return Task.FromResult(kept);
    }

    public Task<Parcel> Kept() => Task.FromResult(kept);

    public Task<Postcard> Pass(Postcard card) => Task.FromResult(card);

    public Task<Stamp> Frank(Stamp stamp)
    {
        stamp.Value++;
        return Task.FromResult(stamp);
    }

    public Task Set(int value)
    {
        state.State.Value = value;
        return state.WriteStateAsync();
    }

    public Task<int> Get() => Task.FromResult(state.State.Value);

    public Task Clear() => state.ClearStateAsync();

    public ValueTask<int> Activation() => new(activation);

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<int> CallOther(string other) => await GrainFactory.GetGrain<IScriptedGrain>(other).Activation();

    public async Task CallAlong(string[] rest)
    {
        if (rest.Length > 0) await GrainFactory.GetGrain<IScriptedGrain>(rest[0]).CallAlong(rest[1..]);
    }

    public Task StartTimer(string name, TimeSpan period, bool interleave)
    {
        this.RegisterGrainTimer(async tick =>
        {
            await CountOverlaps(TimeSpan.FromMilliseconds(1));
            witness.Happened.Enqueue(tick);
        }, $"tick {name}", new GrainTimerCreationOptions(period, period) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public async Task WaitUntilCancelled(string name, CancellationToken cancellation)
    {
        witness.Happened.Enqueue($"waits {name}");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, witness.Time, cancellation);
        }
        finally
        {
            witness.Happened.Enqueue($"cancelled {name}");
        }
    }

    public async Task<string?> ContextAlong(string key, string[] rest)
    {
        if (rest.Length > 0) return await GrainFactory.GetGrain<IScriptedGrain>(rest[0]).ContextAlong(key, rest[1..]);
        var found = RequestContext.Get(key) as string;
        RequestContext.Set(key, "changed by the callee");
        return found;
    }

    public Task Notify(IListener listener, string news) => listener.Hear(news);
}
