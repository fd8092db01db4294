namespace CitySafeSense.Tests.Conformance;

/// <summary>One turn at a time.</summary>
public static class TurnClaims
{
    public static async Task Turns_of_one_grain_never_overlap(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("turns");
        var overlaps = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => grain.CountOverlaps(TimeSpan.FromMilliseconds(i % 20 == 0 ? 1 : 0))));
        Assert.All(overlaps, o => Assert.Equal(0, o));
    }

    public static async Task Await_resumes_in_the_grains_own_turn(IStage stage) => Assert.True(await stage.Grains.GetGrain<IScriptedGrain>("resumes").ResumesInTurn());

    public static async Task Ordinary_call_waits_while_another_awaits_and_an_interleaving_one_does_not(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("door");
        var held = grain.Hold("door");
        await stage.Until(() => stage.Witness.Count("holds door") == 1, "the door is held");
        var ordinary = grain.Get();
        await stage.Delay(TimeSpan.FromMilliseconds(20));
        Assert.False(ordinary.IsCompleted);
        await grain.Open("door");
        await Task.WhenAll(held, ordinary);
    }

    public static async Task Interleaving_call_that_awaits_does_not_hold_up_ordinary_ones(IStage stage)
    {
        // What FederatedRoundGrain.Watch relies on: reports go on while somebody watches.
        var grain = stage.Grains.GetGrain<IScriptedGrain>("watched");
        var watching = grain.Watch("news");
        await stage.Until(() => stage.Witness.Count("holds news") == 1, "somebody watches");
        await grain.Append(1);
        stage.Witness.Open("news");
        await watching;
    }

    public static async Task Read_only_calls_go_together_and_wait_for_one_that_writes(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("library");
        var (first, second) = (grain.Look("read"), grain.Look("read"));
        await stage.Until(() => stage.Witness.Count("holds read") == 2, "both read at once");
        var writer = grain.Hold("write");
        await stage.Delay(TimeSpan.FromMilliseconds(20));
        Assert.Equal(0, stage.Witness.Count("holds write"));
        stage.Witness.Open("read");
        await Task.WhenAll(first, second);
        await stage.Until(() => stage.Witness.Count("holds write") == 1, "it is written");
        var late = grain.Look("read");
        await stage.Delay(TimeSpan.FromMilliseconds(20));
        Assert.False(late.IsCompleted);
        stage.Witness.Open("write");
        await Task.WhenAll(writer, late);
    }

    public static async Task Calls_of_a_reentrant_grain_meet_inside(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IReentrantGrain>(new Guid("6f9619ff-8b86-d011-b42d-00c04fc964ff"));
        var inside = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => grain.Meet(5, "all five")));
        Assert.All(inside, n => Assert.Equal(5, n));
        Assert.Equal(4, await grain.Ring(4));
    }

    public static async Task Timer_fires_as_a_turn_of_its_grain_and_ends_with_it(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("timed");
        await grain.StartTimer("plain", TimeSpan.FromMilliseconds(5), interleave: false);
        await stage.Until(() => stage.Witness.Count("tick plain") >= 3, "the timer has fired three times");
        Assert.Equal(0, await grain.CountOverlaps(TimeSpan.FromMilliseconds(20)));
        await grain.Leave();
        await stage.Until(() => stage.Witness.Count("timed left: ApplicationRequested") == 1, "the grain has left");
        var ticks = stage.Witness.Count("tick plain");
        await stage.Delay(TimeSpan.FromMilliseconds(60));
        Assert.Equal(ticks, stage.Witness.Count("tick plain"));
    }

    public static async Task Interleaving_timer_fires_while_a_call_awaits_and_a_plain_one_does_not(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("held timers");
        await grain.StartTimer("through", TimeSpan.FromMilliseconds(5), interleave: true);
        await grain.StartTimer("waiting", TimeSpan.FromMilliseconds(5), interleave: false);
        await stage.Until(() => stage.Witness.Count("tick waiting") >= 1, "both fire");
        var held = grain.Hold("timers");
        await stage.Until(() => stage.Witness.Count("holds timers") == 1, "the grain is held");
        var (through, waiting) = (stage.Witness.Count("tick through"), stage.Witness.Count("tick waiting"));
        await stage.Until(() => stage.Witness.Count("tick through") >= through + 3, "the interleaving timer goes on");
        Assert.Equal(waiting, stage.Witness.Count("tick waiting"));
        stage.Witness.Open("timers");
        await held;
        await stage.Until(() => stage.Witness.Count("tick waiting") > waiting, "the plain timer goes on too");
        await grain.Leave();
    }
}
