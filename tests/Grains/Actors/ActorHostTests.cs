using CitySafeSense.EmbeddedOrleans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace CitySafeSense.Tests.Actors;

/// <summary>What grains may rely on, whichever runtime they run on.</summary>
public sealed class ActorHostTests : IAsyncLifetime
{
    private readonly Gates gates = new();
    private readonly MemoryStorage storage = new();
    private ActorHost host = null!;

    public Task InitializeAsync()
    {
        host = Start(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(1));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Calls_of_one_grain_never_overlap_even_across_awaits()
    {
        var grain = host.GetGrain<ITestGrain>("a");
        var overlaps = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => grain.CountOverlaps(i % 20 == 0 ? 1 : 0))));
        Assert.All(overlaps, o => Assert.Equal(0, o));
    }

    [Fact]
    public async Task Await_resumes_in_the_grains_own_turn() => Assert.True(await host.GetGrain<ITestGrain>("a").ResumesInTurn());

    [Fact]
    public async Task Interleaving_call_runs_while_another_waits_and_an_ordinary_one_does_not()
    {
        var grain = host.GetGrain<ITestGrain>("a");
        var held = grain.Hold("door");
        var ordinary = grain.Get();
        Assert.False(ordinary.IsCompleted);
        await grain.Open("door").WaitAsync(TimeSpan.FromSeconds(10)); // would hang if it waited for its turn
        await held;
        await ordinary;
    }

    [Fact]
    public async Task Waiting_interleaving_call_does_not_hold_up_ordinary_ones()
    {
        // What FederatedRoundGrain.Watch relies on: reports go on while somebody watches.
        var grain = host.GetGrain<IWatchedGrain>("w");
        var watching = grain.Watch();
        await grain.Change().WaitAsync(TimeSpan.FromSeconds(10));
        await watching.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Calls_between_one_pair_arrive_in_order()
    {
        var grain = host.GetGrain<ITestGrain>("a");
        var writes = Enumerable.Range(1, 100).Select(grain.Set).ToArray();
        Assert.Equal(100, await grain.Get());
        await Task.WhenAll(writes);
    }

    [Fact]
    public async Task One_way_call_returns_before_it_runs_and_its_failure_stays_with_it()
    {
        var grain = host.GetGrain<ITestGrain>("a");
        await grain.Forget("later");
        Assert.Empty(gates.Happened);
        gates["later"].SetResult();
        await grain.Get();
        Assert.Contains("forgotten call ran", gates.Happened);
    }

    [Fact]
    public async Task Exception_crosses_the_call_with_type_and_content()
    {
        var error = await Assert.ThrowsAsync<TestFailureException>(() => host.GetGrain<ITestGrain>("a").Fail(7));
        Assert.Equal(7, error.Code);
        Assert.Contains(nameof(TestGrain.Fail), error.StackTrace);
    }

    [Fact]
    public async Task State_outlives_the_activation_and_the_host()
    {
        var grain = host.GetGrain<ITestGrain>("kept");
        await grain.Set(42);
        var first = await grain.Activation();
        await grain.Leave();
        Assert.Equal(42, await grain.Get());
        Assert.NotEqual(first, await grain.Activation());
        await host.DisposeAsync();
        host = Start(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(1));
        Assert.Equal(42, await host.GetGrain<ITestGrain>("kept").Get());
    }

    [Fact]
    public async Task Lost_race_of_two_writers_is_an_error_and_the_next_call_reads_afresh()
    {
        await using var other = Start(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(1));
        var (mine, theirs) = (host.GetGrain<ITestGrain>("raced"), other.GetGrain<ITestGrain>("raced"));
        await mine.Set(1);
        Assert.Equal(1, await theirs.Get());
        await mine.Set(2);
        var error = await Assert.ThrowsAsync<InconsistentStateException>(() => theirs.Set(3));
        Assert.Equal(("2", "1"), (error.StoredEtag, error.CurrentEtag));
        Assert.Equal(2, await theirs.Get());
        await theirs.Set(3);
    }

    [Fact]
    public async Task Idle_activation_is_collected_and_a_used_one_stays()
    {
        await using var impatient = Start(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(50));
        await impatient.GetGrain<ITestGrain>("idle").Get();
        var used = impatient.GetGrain<ITestGrain>("used");
        var activation = await used.Activation();
        for (var i = 0; i < 100 && !gates.Happened.Contains("idle left: ActivationIdle"); i++)
        {
            await Task.Delay(50);
            Assert.Equal(activation, await used.Activation());
        }
        Assert.Contains("idle left: ActivationIdle", gates.Happened);
    }

    [Fact]
    public async Task Timer_fires_as_a_turn_of_its_grain_and_ends_with_it()
    {
        var grain = host.GetGrain<ITestGrain>("timed");
        await grain.StartTimer("fired", TimeSpan.FromMilliseconds(5));
        await gates["fired"].Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, await grain.CountOverlaps(20));
        await grain.Leave();
        await grain.Get();
        var ticks = gates.Happened.Count(h => h == "tick");
        await Task.Delay(60);
        Assert.Equal(ticks, gates.Happened.Count(h => h == "tick"));
    }

    [Fact]
    public async Task Grain_calls_grain_and_integer_keys_arrive_as_they_were()
    {
        Assert.NotEmpty(await host.GetGrain<ITestGrain>("a").CallOther("b"));
        foreach (var key in new[] { 0, 15, long.MaxValue, -1 }) Assert.Equal(key, await host.GetGrain<ITestGrain>("a").Key(key));
    }

    [Fact]
    public async Task Call_after_the_stop_fails_and_names_grain_and_method()
    {
        var grain = host.GetGrain<ITestGrain>("late");
        await host.DisposeAsync();
        var error = await Assert.ThrowsAsync<ObjectDisposedException>(grain.Get);
        Assert.Contains("ITestGrain.Get", error.Message);
        Assert.Contains("late", error.Message);
    }

    [Fact]
    public async Task Hundred_thousand_calls_that_end_at_once_do_not_pile_up_on_the_stack()
    {
        var grain = host.GetGrain<ITestGrain>("busy");
        var held = grain.Hold("flood");
        var calls = Enumerable.Range(0, 100_000).Select(_ => grain.Get()).ToArray();
        await grain.Open("flood");
        await held;
        await Task.WhenAll(calls);
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

    private ActorHost Start(TimeSpan age, TimeSpan quantum)
    {
        var services = new ServiceCollection().AddSingleton(gates).AddKeyedSingleton<IGrainStorage>("devices", storage).BuildServiceProvider();
        var assembly = typeof(ActorHostTests).Assembly;
        return new ActorHost(
            services, new ActorHostOptions { GrainAssemblies = [assembly], ContractAssemblies = [assembly], CollectionAge = age, CollectionQuantum = quantum },
            TimeProvider.System, NullLogger<ActorHost>.Instance);
    }
}
