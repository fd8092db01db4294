using CitySafeSense.EmbeddedOrleans;
using CitySafeSense.Tests.Conformance;
using CitySafeSense.Tests.Runtimes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Tests.Actors;

/// <summary>What only our host promises, or promises more exactly than the programming model does.</summary>
public sealed class ActorHostTests : IAsyncLifetime
{
    private readonly Witness witness = new(TimeProvider.System, TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MemoryStorage storage = new();
    private readonly RecordingLogger log = new();
    private ServiceProvider services = null!;
    private ActorHost host = null!;

    public Task InitializeAsync()
    {
        host = Start(RuntimeStage.Options(TimeSpan.FromSeconds(30)));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Deadlock_is_reported_with_both_grains_and_their_calls()
    {
        await using var impatient = Start(RuntimeStage.Options(TimeSpan.FromMilliseconds(200)));
        var error = await Assert.ThrowsAsync<TimeoutException>(() => impatient.GetGrain<IScriptedGrain>("a").CallAlong(["b", "a"]));
        Assert.Contains("deadlock", error.Message);
        Assert.Contains("scripted/a waits for scripted/b (IScriptedGrain.CallAlong)", error.Message);
        Assert.Contains("scripted/b waits for scripted/a (IScriptedGrain.CallAlong)", error.Message);
    }

    [Fact]
    public async Task Timeout_names_who_is_in_the_way()
    {
        await using var impatient = Start(RuntimeStage.Options(TimeSpan.FromMilliseconds(200)));
        var grain = impatient.GetGrain<IScriptedGrain>("occupied");
        var held = grain.Hold("never opened");
        var error = await Assert.ThrowsAsync<TimeoutException>(grain.Get);
        Assert.Contains("IScriptedGrain.Get of scripted/occupied", error.Message);
        Assert.Contains("behind IScriptedGrain.Hold", error.Message);
        await Assert.ThrowsAsync<TimeoutException>(() => held);
        witness.Open("never opened");
    }

    [Fact]
    public async Task Idle_activation_is_collected_and_a_used_one_stays()
    {
        await using var tidy = Start(RuntimeStage.Options(TimeSpan.FromSeconds(30)) with { CollectionAge = TimeSpan.FromMilliseconds(300), CollectionQuantum = TimeSpan.FromMilliseconds(50) });
        await tidy.GetGrain<IScriptedGrain>("idle").Get();
        var used = tidy.GetGrain<IScriptedGrain>("used");
        var activation = await used.Activation();
        for (var i = 0; i < 200 && witness.Count("idle left: ActivationIdle") == 0; i++)
        {
            await Task.Delay(50);
            Assert.Equal(activation, await used.Activation());
        }
        Assert.Equal(1, witness.Count("idle left: ActivationIdle"));
    }

    [Fact]
    public async Task Under_memory_pressure_those_used_longest_ago_go_first()
    {
        var used = 50L;
        await using var short0 = Start(RuntimeStage.Options(TimeSpan.FromMilliseconds(100)) with
        {
            ShedOnMemoryPressure = true,
            MemoryLimitPercentage = 80,
            MemoryTargetPercentage = 50,
            MemoryPollingPeriod = TimeSpan.FromMilliseconds(40),
            Memory = () => new MemoryLoad(Interlocked.Exchange(ref used, 50), 100),
        });
        foreach (var name in new[] { "old 1", "old 2", "old 3", "old 4", "old 5" }) await short0.GetGrain<IScriptedGrain>(name).Get();
        await Task.Delay(100);
        foreach (var name in new[] { "new 1", "new 2", "new 3", "new 4", "new 5" }) await short0.GetGrain<IScriptedGrain>(name).Get();
        await Task.Delay(20);
        Interlocked.Exchange(ref used, 100); // one reading above the limit: half of the activations go
        for (var i = 0; i < 200 && witness.Happened.Count(h => h.EndsWith("HighMemoryPressure", StringComparison.Ordinal)) < 5; i++) await Task.Delay(20);
        await Task.Delay(100);
        Assert.Equal(Enumerable.Range(1, 5).Select(n => $"old {n} left: HighMemoryPressure"), witness.Happened.Where(h => h.Contains("left", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Stop_lets_a_running_call_finish_even_if_it_calls_another_grain()
    {
        var chain = host.GetGrain<IScriptedGrain>("chain");
        var relay = chain.Hold("drain");
        while (witness.Count("holds drain") == 0) await Task.Delay(5);
        var stopping = host.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => host.GetGrain<IScriptedGrain>("late").Get());
        Assert.False(stopping.IsCompleted);
        witness.Open("drain");
        await relay;
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(1, witness.Count("chain left: ShuttingDown"));
    }

    [Fact]
    public async Task Stop_that_runs_out_of_time_tells_who_still_waits()
    {
        var hasty = Start(RuntimeStage.Options(TimeSpan.FromSeconds(30)) with { DrainTime = TimeSpan.FromMilliseconds(100) });
        var held = hasty.GetGrain<IScriptedGrain>("stuck").Hold("never");
        while (witness.Count("holds never") == 0) await Task.Delay(5);
        await hasty.DisposeAsync();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => held.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Grain_itself_cannot_be_sent_only_a_reference_to_it()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => host.GetGrain<IScriptedGrain>("teller").Notify(new Deaf(), "news"));
        Assert.Contains("CreateObjectReference", error.Message);
    }

    [Fact]
    public async Task Call_after_the_stop_fails_and_names_grain_and_method()
    {
        var grain = host.GetGrain<IScriptedGrain>("late");
        await host.DisposeAsync();
        var error = await Assert.ThrowsAsync<ObjectDisposedException>(grain.Get);
        Assert.Contains("IScriptedGrain.Get", error.Message);
        Assert.Contains("scripted/late", error.Message);
    }

    [Fact]
    public async Task Failure_of_a_one_way_call_is_logged_with_its_grain()
    {
        witness.Open("at once");
        await host.GetGrain<IScriptedGrain>("unheard").Forget("at once");
        for (var i = 0; i < 200 && log.Lines.IsEmpty; i++) await Task.Delay(10);
        Assert.Contains("scripted/unheard", Assert.Single(log.Lines));
    }

    [Fact]
    public async Task Observer_that_nobody_keeps_alive_is_gone()
    {
        var reference = Abandon();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        await Assert.ThrowsAsync<ClientNotAvailableException>(() => host.GetGrain<IScriptedGrain>("paper").Notify(reference, "news"));

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        IListener Abandon() => host.CreateObjectReference<IListener>(new Deaf());
    }

    [Fact]
    public async Task Hundred_thousand_calls_that_end_at_once_do_not_pile_up_on_the_stack()
    {
        // Away from the test framework's own context, which would have to carry each answer.
        await Task.Run(async () =>
        {
            var grain = host.GetGrain<IScriptedGrain>("busy");
            var held = grain.Hold("flood");
            var calls = Enumerable.Range(0, 100_000).Select(_ => grain.Get()).ToArray();
            witness.Open("flood");
            await held;
            await Task.WhenAll(calls);
        });
    }

    [Fact]
    public async Task Ten_thousand_grains_take_two_hundred_callers()
    {
        var calls = await Task.WhenAll(Enumerable.Range(0, 200).Select(caller => Task.Run(async () =>
        {
            var sum = 0L;
            for (var i = 0; i < 500; i++) sum += await host.GetGrain<INumberedGrain>((caller * 37 + i * 101) % 10_000).Key();
            return sum;
        })));
        Assert.Equal(Enumerable.Range(0, 200).Sum(c => Enumerable.Range(0, 500).Sum(i => (long)((c * 37 + i * 101) % 10_000))), calls.Sum());
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        var options = RuntimeStage.Options(TimeSpan.Zero);
        Assert.Contains(nameof(ActorHostOptions.ResponseTimeout), Assert.Throws<ArgumentException>(() => Start(options)).Message);
    }

    private ActorHost Start(ActorHostOptions options)
    {
        services = RuntimeStage.Services(witness, storage, new MemoryReminderTable());
        return new ActorHost(services, options, TimeProvider.System, log);
    }

    private sealed class Deaf : IListener
    {
        public Task Hear(string news) => Task.CompletedTask;
    }

    private sealed class RecordingLogger : ILogger<ActorHost>
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));
    }
}
