namespace CitySafeSense.Tests.Conformance;

/// <summary>How grains come and go.</summary>
public static class LifeClaims
{
    public static async Task Deactivation_says_why_and_the_next_call_makes_another_activation(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("leaving");
        var first = await grain.Activation();
        Assert.Equal(first, await grain.Activation());
        await grain.Leave();
        await stage.Until(() => stage.Witness.Count("leaving left: ApplicationRequested") == 1, "it has left");
        Assert.NotEqual(first, await grain.Activation());
    }

    public static async Task Calls_that_wait_for_a_leaving_activation_reach_the_next(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("relay");
        var first = await grain.Activation();
        var held = grain.Hold("relay");
        await stage.Until(() => stage.Witness.Count("holds relay") == 1, "it is held");
        var (leave, next) = (grain.Leave(), grain.Activation());
        stage.Witness.Open("relay");
        await Task.WhenAll(held, leave);
        Assert.NotEqual(first, await next);
    }

    public static async Task Activation_that_fails_fails_its_calls(IStage stage) =>
        Assert.Equal(13, (await Assert.ThrowsAsync<TestFailureException>(() => stage.Grains.GetGrain<IScriptedGrain>("never").Get())).Code);

    public static async Task Reminder_wakes_its_grain_and_survives_a_restart(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IRemindedGrain>("sleeper");
        await grain.Remind("wake", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        await stage.Until(() => stage.Witness.Count("reminded sleeper/wake") >= 1, "it was reminded");
        await stage.Restart();
        var before = stage.Witness.Count("reminded sleeper/wake");
        await stage.Until(() => stage.Witness.Count("reminded sleeper/wake") > before, "it is reminded after the restart");
        grain = stage.Grains.GetGrain<IRemindedGrain>("sleeper");
        Assert.Equal(["wake"], await grain.Names());
        await grain.Stop("wake");
        Assert.Empty(await grain.Names());
    }

    public static async Task Reminder_with_a_period_below_the_smallest_is_refused(IStage stage) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => stage.Grains.GetGrain<IRemindedGrain>("hasty").Remind("hurry", TimeSpan.Zero, TimeSpan.FromMilliseconds(10)));
}
