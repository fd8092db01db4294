using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.Science.Sensing;

public class WindowFrameTests
{
    private static readonly SensorWindow Window = SyntheticPeople.Draw(1, 0, 1)[0].Window;
    private static readonly WindowHeader Header = new("phone-7", 3, 42, 1_767_225_600_000, 0x89a8100c02fffff, 2, 6);

    [Fact]
    public void Everything_that_is_encoded_is_decoded()
    {
        Assert.Equal(FrameRejection.None, WindowFrame.Decode(WindowFrame.Encode(Header, Window), true, out var header, out var window));
        Assert.Equal(Header, header);
        Assert.Equal(Window.Present, window!.Present);
        Assert.True(Window.Values.SequenceEqual(window.Values));
    }

    [Fact]
    public void In_steps_of_sixteen_bits_it_is_half_as_long_and_no_value_is_further_off_than_half_a_step()
    {
        var frame = WindowFrame.Encode(Header, Window, WindowEncoding.Int16);
        Assert.Equal(52 + 7 + 10 * 4 + 1000 * 2, frame.Length);
        Assert.Equal(FrameRejection.None, WindowFrame.Decode(frame, true, out var header, out var window));
        Assert.Equal(Header, header);
        var samples = Window.Schema.Samples;
        for (var c = 0; c < Window.Schema.Channels.Count; c++)
        {
            var step = Window.Values.Slice(c * samples, samples).ToArray().Max(MathF.Abs) / short.MaxValue;
            for (var i = c * samples; i < (c + 1) * samples; i++) Assert.InRange(window!.Values[i], Window.Values[i] - 0.51f * step, Window.Values[i] + 0.51f * step);
        }
        Assert.Equal(FrameRejection.None, WindowFrame.Decode(WindowFrame.Readdress(frame, Header with { Device = "another", Sequence = 43 }), true, out header, out var again));
        Assert.Equal(("another", 43UL), (header!.Device, header.Sequence));
        Assert.True(window!.Values.SequenceEqual(again!.Values));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e30f)]
    public void A_scale_that_makes_no_values_is_rejected(float scale)
    {
        var frame = WindowFrame.Encode(Header, Window, WindowEncoding.Int16);
        BitConverter.TryWriteBytes(frame.AsSpan(52 + 7), scale);
        Assert.Equal(FrameRejection.BadValue, WindowFrame.Decode(frame, true, out _, out _));
        Assert.Equal(FrameRejection.Truncated, WindowFrame.Decode(frame.AsSpan(0, frame.Length - 1), true, out _, out _));
    }

    [Fact]
    public void Label_is_refused_outside_simulation()
    {
        Assert.Equal(FrameRejection.LabelRefused, WindowFrame.Decode(WindowFrame.Encode(Header, Window), false, out _, out _));
        Assert.Equal(FrameRejection.None, WindowFrame.Decode(WindowFrame.Encode(Header with { Label = null }, Window), false, out _, out _));
    }

    [Theory]
    [InlineData(0, 0x00, FrameRejection.BadMagic)]
    [InlineData(4, 9, FrameRejection.UnsupportedVersion)]
    [InlineData(5, 9, FrameRejection.UnknownSchema)]
    [InlineData(6, 0x02, FrameRejection.BadValue)]
    [InlineData(6, 0xff, FrameRejection.BadValue)]
    [InlineData(36, 9, FrameRejection.BadShape)]
    [InlineData(38, 99, FrameRejection.BadShape)]
    [InlineData(40, 64, FrameRejection.UnknownLabel)]
    [InlineData(41, 0, FrameRejection.BadDeviceId)]
    [InlineData(41, 6, FrameRejection.TooLong)]
    [InlineData(41, 8, FrameRejection.Truncated)]
    [InlineData(42, 1, FrameRejection.TooLong)]
    [InlineData(42, 2, FrameRejection.UnknownEncoding)]
    [InlineData(52, (byte)'/', FrameRejection.BadDeviceId)]
    public void One_wrong_byte_is_rejected_by_name(int at, byte value, FrameRejection expected)
    {
        var frame = WindowFrame.Encode(Header, Window);
        frame[at] = value;
        Assert.Equal(expected, WindowFrame.Decode(frame, true, out _, out _));
    }

    [Fact]
    public void Not_a_number_is_rejected()
    {
        var frame = WindowFrame.Encode(Header, Window);
        BitConverter.TryWriteBytes(frame.AsSpan(frame.Length - 4000), float.NaN); // the first accelerometer sample
        Assert.Equal(FrameRejection.BadValue, WindowFrame.Decode(frame, true, out _, out _));
    }

    [Fact]
    public void Random_damage_never_throws()
    {
        var rng = new Rng(5);
        byte[][] encodings = [WindowFrame.Encode(Header, Window), WindowFrame.Encode(Header, Window, WindowEncoding.Int16)];
        for (var round = 0; round < 20_000; round++)
        {
            var good = encodings[round % 2];
            var frame = good.AsSpan(0, rng.Chance(0.5) ? good.Length : rng.NextInt(good.Length)).ToArray();
            for (var n = rng.NextInt(8); n > 0 && frame.Length > 0; n--) frame[rng.NextInt(Math.Min(frame.Length, 120))] = (byte)rng.NextUInt64();
            var rejection = WindowFrame.Decode(frame, rng.Chance(0.5), out var header, out var window);
            Assert.Equal(rejection == FrameRejection.None, header is not null && window is not null);
        }
    }

    [Fact]
    public void Device_id_that_could_mean_something_else_is_not_encoded() =>
        Assert.Throws<ArgumentException>(() => WindowFrame.Encode(Header with { Device = "a/b" }, Window));
}
