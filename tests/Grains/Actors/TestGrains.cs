using System.Collections.Concurrent;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace CitySafeSense.Tests.Actors;

/// <summary>A grain that is asked to misbehave.</summary>
public interface ITestGrain : IGrainWithStringKey
{
    Task<int> CountOverlaps(int milliseconds);

    Task<bool> ResumesInTurn();

    Task Hold(string gate);

    [AlwaysInterleave]
    Task Open(string gate);

    [OneWay]
    Task Forget(string gate);

    Task<int> Fail(int code);

    Task Set(int value);

    Task<int> Get();

    ValueTask<string> Activation();

    Task Leave();

    Task<string> CallOther(string other);

    Task StartTimer(string gate, TimeSpan period);

    Task<long> Key(long other);
}

public interface INumberedGrain : IGrainWithIntegerKey
{
    Task<long> Key();
}

public sealed class TestFailureException(int code) : Exception($"failed with {code}")
{
    public int Code { get; } = code;
}

[GenerateSerializer, Alias("test.TestState")]
public sealed class TestState
{
    [Id(0)] public int Value { get; set; }
}

/// <summary>What tests and grains share: gates that open, and a record of what happened.</summary>
public sealed class Gates
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> gates = new();

    public ConcurrentQueue<string> Happened { get; } = new();

    /// <summary>Work on a thread of the pool.</summary>
    public static Task Elsewhere() => Task.Run(() => { });

    public TaskCompletionSource this[string name] => gates.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

public sealed class TestGrain([PersistentState("test", "devices")] IPersistentState<TestState> state, Gates gates) : Grain, ITestGrain
{
    private readonly string activation = Interlocked.Increment(ref activations).ToString(System.Globalization.CultureInfo.InvariantCulture);
    private static int activations;
    private int inside;
    private int overlaps;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        gates.Happened.Enqueue($"{this.GetPrimaryKeyString()} left: {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public async Task<int> CountOverlaps(int milliseconds)
    {
        if (Interlocked.Increment(ref inside) > 1) overlaps++;
        await Task.Yield();
        if (milliseconds > 0) await Task.Delay(milliseconds);
        Interlocked.Decrement(ref inside);
        return overlaps;
    }

    public async Task<bool> ResumesInTurn()
    {
        var before = TaskScheduler.Current;
        await Task.Delay(1);
        await Task.WhenAll(Gates.Elsewhere(), Task.Delay(1));
        return before == TaskScheduler.Current && before != TaskScheduler.Default;
    }

    public Task Hold(string gate) => gates[gate].Task;

    public Task Open(string gate)
    {
        gates[gate].TrySetResult();
        return Task.CompletedTask;
    }

    public async Task Forget(string gate)
    {
        await gates[gate].Task;
        gates.Happened.Enqueue("forgotten call ran");
        throw new TestFailureException(1);
    }

    public async Task<int> Fail(int code)
    {
        await Task.Yield();
        throw new TestFailureException(code);
    }

    public Task Set(int value)
    {
        state.State.Value = value;
        return state.WriteStateAsync();
    }

    public Task<int> Get() => Task.FromResult(state.State.Value);

    public ValueTask<string> Activation() => new(activation);

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<string> CallOther(string other) => await GrainFactory.GetGrain<ITestGrain>(other).Activation();

    public Task StartTimer(string gate, TimeSpan period)
    {
        this.RegisterGrainTimer(async () =>
        {
            await CountOverlaps(1);
            gates.Happened.Enqueue("tick");
            gates[gate].TrySetResult();
        }, new GrainTimerCreationOptions(period, period));
        return Task.CompletedTask;
    }

    public Task<long> Key(long other) => GrainFactory.GetGrain<INumberedGrain>(other).Key();
}

public sealed class NumberedGrain : Grain, INumberedGrain
{
    public Task<long> Key() => Task.FromResult(this.GetPrimaryKeyLong());
}
