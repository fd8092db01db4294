namespace CitySafeSense.Tests.Conformance;

/// <summary>How a call travels and ends.</summary>
public static class CallClaims
{
    public static async Task Calls_between_one_pair_arrive_in_order(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("ordered");
        await grain.Get(); // while a grain is still being placed, a cluster promises no order
        await Task.WhenAll(Enumerable.Range(0, 100).Select(grain.Append));
        Assert.Equal(Enumerable.Range(0, 100), await grain.Appended());
    }

    public static async Task Keys_arrive_as_they_were(IStage stage)
    {
        foreach (var key in new[] { 0, 15, 4711, long.MaxValue, -1, long.MinValue }) Assert.Equal(key, await stage.Grains.GetGrain<INumberedGrain>(key).Key());
        var guid = new Guid("00112233-4455-6677-8899-aabbccddeeff");
        Assert.Equal(guid, stage.Grains.GetGrain<IReentrantGrain>(guid).GetPrimaryKey());
        Assert.Equal("a/b c", stage.Grains.GetGrain<IScriptedGrain>("a/b c").GetPrimaryKeyString());
    }

    public static async Task Exception_crosses_the_call_with_type_content_and_stack(IStage stage)
    {
        var error = await Assert.ThrowsAsync<TestFailureException>(() => stage.Grains.GetGrain<IScriptedGrain>("failing").Fail(7));
        Assert.Equal(7, error.Code);
        Assert.Contains(nameof(ScriptedGrain.Fail), error.StackTrace);
    }

    public static async Task One_way_call_returns_before_it_runs_and_its_failure_stays_with_it(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("forgetful");
        await grain.Forget("later");
        Assert.Equal(0, stage.Witness.Count("forgotten call ran"));
        stage.Witness.Open("later");
        await stage.Until(() => stage.Witness.Count("forgotten call ran") == 1, "the forgotten call has run");
        await grain.Get();
    }

    public static async Task Grain_calls_grain(IStage stage)
    {
        var other = await stage.Grains.GetGrain<IScriptedGrain>("called").Activation();
        Assert.Equal(other, await stage.Grains.GetGrain<IScriptedGrain>("caller").CallOther("called"));
    }

    public static async Task Ring_of_waiting_grains_ends_by_the_response_timeout(IStage stage)
    {
        var started = stage.Time.GetTimestamp();
        await Assert.ThrowsAsync<TimeoutException>(() => stage.Grains.GetGrain<IScriptedGrain>("ring a").CallAlong(["ring b", "ring a"]));
        Assert.InRange(stage.Time.GetElapsedTime(started), stage.ResponseTimeout * 0.9, stage.ResponseTimeout * 10);
        // Once it has ended the grains answer again.
        await stage.Grains.GetGrain<IScriptedGrain>("ring a").Get();
        await stage.Grains.GetGrain<IScriptedGrain>("ring b").Get();
    }

    public static async Task Call_that_takes_too_long_fails_its_caller_and_goes_on(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("slow");
        await Assert.ThrowsAsync<TimeoutException>(() => grain.Hold("slow"));
        stage.Witness.Open("slow");
        await grain.Get();
    }

    public static async Task Cancelled_call_releases_its_caller_and_tells_the_grain(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("cancelled");
        using var source = new CancellationTokenSource();
        var waiting = grain.WaitUntilCancelled("one", source.Token);
        await stage.Until(() => stage.Witness.Count("waits one") == 1, "the call waits");
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await stage.Until(() => stage.Witness.Count("cancelled one") == 1, "the grain has heard of it");
        await grain.Get();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grain.WaitUntilCancelled("two", source.Token));
        await grain.Get();
        Assert.Equal(0, stage.Witness.Count("waits two"));
    }

    public static async Task Request_context_goes_along_and_does_not_come_back(IStage stage)
    {
        RequestContext.Set("who", "the claim");
        try
        {
            Assert.Equal("the claim", await stage.Grains.GetGrain<IScriptedGrain>("first").ContextAlong("who", ["second", "third"]));
            Assert.Equal("the claim", RequestContext.Get("who"));
        }
        finally
        {
            RequestContext.Clear();
        }
        Assert.Null(await stage.Grains.GetGrain<IScriptedGrain>("first").ContextAlong("who", ["second"]));
    }

    public static async Task Filters_see_a_call_on_its_way_out_and_in_and_may_change_its_result(IStage stage)
    {
        Assert.Equal(21, await stage.Grains.GetGrain<IFilteredGrain>("f").Double(10));
        await stage.Until(() => stage.Witness.Count("out: 21") == 1, "the result was seen on its way");
        Assert.Equal(1, stage.Witness.Count("in: f"));
    }

    public static async Task Grain_calls_an_observer_until_it_is_deleted(IStage stage)
    {
        var listener = new Listener();
        var reference = stage.Grains.CreateObjectReference<IListener>(listener);
        var grain = stage.Grains.GetGrain<IScriptedGrain>("newsroom");
        await grain.Notify(reference, "one");
        await grain.Notify(reference, "two");
        Assert.Equal(["one", "two"], listener.Heard);
        stage.Grains.DeleteObjectReference<IListener>(reference);
        await Assert.ThrowsAnyAsync<Exception>(() => grain.Notify(reference, "three"));
        Assert.Equal(["one", "two"], listener.Heard);
        GC.KeepAlive(listener);
    }

    public static async Task Stateless_worker_shares_its_calls_among_so_many_activations_and_no_more(IStage stage)
    {
        var worker = stage.Grains.GetGrain<IWorkerGrain>(0);
        var calls = Enumerable.Range(0, 3).Select(_ => worker.Work("shift")).ToArray();
        await stage.Until(() => stage.Witness.Count("works shift") == 2, "two work");
        await stage.Delay(TimeSpan.FromMilliseconds(30));
        Assert.Equal(2, stage.Witness.Count("works shift"));
        stage.Witness.Open("shift");
        Assert.Equal(2, (await Task.WhenAll(calls)).Distinct().Count());
    }

    private sealed class Listener : IListener
    {
        public List<string> Heard { get; } = [];

        public Task Hear(string news)
        {
            Heard.Add(news);
            return Task.CompletedTask;
        }
    }
}
