using CitySafeSense.Federation;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.Science.Federation;

public class RoundWireTests
{
    private static readonly TrainingOrder order = new(
        new ModelDescription("tcn", "width=8 dilations=1+2", 13, 1, 100, 11, [0.5f, -1], [1, 2]), new string('a', 64), [1, -2.5f, float.Epsilon], [0.25f, 0, 1],
        new ClientInstructions { Strategy = "scaffold", Round = 7, Seed = ulong.MaxValue, ProximalWeight = 0.3, Training = new LocalTrainingOptions { Epochs = 2, Optimiser = LocalOptimiser.Adam, IncompleteBatch = IncompleteBatch.Drop } },
        "top-k:0.1", 2.5, true, new SecurePlace("city/7/0", 3, 17, [[1, 2], [3]]));

    private static readonly RoundDownlink[] downlinks = [new RoundDownlink.Invited(order), new RoundDownlink.Invited(order with { Place = null, Control = [] }), new RoundDownlink.Asked("city/7/0", SecureSumStep.Agree, [1, 2, 3]), new RoundDownlink.Heard(3, null), new RoundDownlink.Heard(3, "not finite"), new RoundDownlink.ComeBack(TimeSpan.FromSeconds(90))];

    private static readonly RoundUplink[] uplinks = [new RoundUplink.Offered([9, 8]), new RoundUplink.Reported(4, 32, 0.7, [1, 2, 3]), new RoundUplink.Reported(4, 32, double.NaN, []), new RoundUplink.Seated("city/7/0", 0, [5]), new RoundUplink.Answered("city/7/0", SecureSumStep.Mask, [])];

    public static TheoryData<RoundDownlink> Downlinks => [.. downlinks];

    public static TheoryData<RoundUplink> Uplinks => [.. uplinks];

    [Theory]
    [MemberData(nameof(Downlinks))]
    public void What_goes_down_is_read_as_it_was_written(RoundDownlink message) => Assert.Equivalent(message, RoundWire.DecodeDownlink(RoundWire.Encode(message)), strict: true);

    [Theory]
    [MemberData(nameof(Uplinks))]
    public void What_goes_up_is_read_as_it_was_written(RoundUplink message) => Assert.Equivalent(message, RoundWire.DecodeUplink(RoundWire.Encode(message)), strict: true);

    [Fact]
    public void Weights_keep_their_bits()
    {
        var back = ((RoundDownlink.Invited)RoundWire.DecodeDownlink(RoundWire.Encode(new RoundDownlink.Invited(order)))!).Order;
        Assert.Equal(order.Weights.Select(BitConverter.SingleToInt32Bits), back.Weights.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(order.Control, back.Control);
    }

    [Fact]
    public void Nothing_malformed_is_read_and_nothing_throws()
    {
        var rng = new Rng(1);
        byte[][] sound = [.. downlinks.Select(RoundWire.Encode), .. uplinks.Select(RoundWire.Encode)];
        for (var i = 0; i < 100_000; i++)
        {
            byte[] bytes = [.. sound[rng.NextInt(sound.Length)]];
            for (var flips = 1 + rng.NextInt(4); flips > 0; flips--) bytes[rng.NextInt(bytes.Length)] = (byte)rng.NextInt(256);
            if (rng.Chance(0.3)) bytes = bytes[..rng.NextInt(bytes.Length)];
            _ = (RoundWire.DecodeDownlink(bytes), RoundWire.DecodeUplink(bytes));
        }
        Assert.Null(RoundWire.DecodeUplink([]));
        Assert.Null(RoundWire.DecodeUplink([2, .. sound[^1][1..]])); // a version of later
        Assert.Null(RoundWire.DecodeUplink(new byte[RoundWire.MaxBytes + 1]));
        Assert.Null(RoundWire.DecodeUplink(RoundWire.Encode(new RoundDownlink.Heard(1, null)))); // not a device's to say
        Assert.Null(RoundWire.DecodeDownlink(Head("""{"kind":"invited","order":{"name":"a"}}""")));
        Assert.Null(RoundWire.DecodeUplink(Head("""{"kind":"reported","round":1,"samples":-5}""")));
        Assert.Null(RoundWire.DecodeUplink(Head("""{"kind":"answered","shard":"s","step":9}""")));
    }

    [Fact]
    public void A_body_shorter_than_the_weights_it_should_hold_is_refused()
    {
        var bytes = RoundWire.Encode(new RoundDownlink.Invited(order));
        Assert.Null(RoundWire.DecodeDownlink(bytes.AsSpan(0, bytes.Length - 4)));
        Assert.Null(RoundWire.DecodeDownlink([.. bytes, 0, 0, 0, 0]));
    }

    [Fact]
    public void What_does_not_fit_into_a_packet_is_refused_with_the_remedy() =>
        Assert.Contains("choose a smaller model", Assert.Throws<ArgumentException>(() => RoundWire.Encode(new RoundDownlink.Invited(order with { Weights = new float[300_000] }))).Message, StringComparison.Ordinal);

    private static byte[] Head(string json) => [1, .. BitConverter.GetBytes(json.Length), .. System.Text.Encoding.UTF8.GetBytes(json)];
}
