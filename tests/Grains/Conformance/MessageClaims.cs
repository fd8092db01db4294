namespace CitySafeSense.Tests.Conformance;

/// <summary>Caller and grain never hold the same thing that either could change.</summary>
public static class MessageClaims
{
    public static async Task Argument_is_copied_when_it_is_sent(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("keeper");
        var sent = Make();
        var keeping = grain.Keep(sent);
        sent.Items.Add("too late");
        sent.Counts["a"][0] = 99;
        sent.Inner!.Weight = 99;
        await keeping;
        var kept = await grain.Kept();
        Assert.Equal(["apple"], kept.Items);
        Assert.Equal([1, 2], kept.Counts["a"]);
        Assert.Equal(3, kept.Inner!.Weight);
        Assert.Equal(5, kept.Weight);
        Assert.Null(kept.Note);
    }

    public static async Task Result_is_copied_when_it_is_answered(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("keeper");
        var answered = await grain.Keep(Make());
        answered.Items.Clear();
        answered.Counts["a"][0] = 99;
        var again = await grain.Kept();
        Assert.Equal(["apple"], again.Items);
        Assert.Equal([1, 2], again.Counts["a"]);
    }

    public static async Task Copy_keeps_its_runtime_type_and_what_is_shared_within_it(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("keeper");
        var ring = new RegisteredParcel { Number = "R1", Weight = 7 };
        ring.Inner = ring;
        var answered = Assert.IsType<RegisteredParcel>(await grain.Keep(ring));
        Assert.Equal(("R1", 7), (answered.Number, answered.Weight));
        Assert.Same(answered, answered.Inner);
        Assert.NotSame(ring, answered);
    }

    public static async Task Immutable_message_arrives_equal(IStage stage) =>
        Assert.Equal(new Postcard("wish you were here", 3), await stage.Grains.GetGrain<IScriptedGrain>("post").Pass(new Postcard("wish you were here", 3)));

    public static async Task Type_with_a_surrogate_crosses_as_a_copy(IStage stage)
    {
        var stamp = new Stamp(1);
        var franked = await stage.Grains.GetGrain<IScriptedGrain>("post").Frank(stamp);
        Assert.Equal((1, 2), (stamp.Value, franked.Value));
    }

    private static Parcel Make() => new() { Items = ["apple"], Counts = { ["a"] = [1, 2] }, Weight = 5, Inner = new Parcel { Weight = 3 }, Note = "mine" };
}
