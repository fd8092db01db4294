using CitySafeSense.Sensing;

namespace CitySafeSense.Science.Sensing;

public class SensorWindowTests
{
    private static readonly WindowSchema Schema = WindowSchema.Default;

    [Fact]
    public void Not_a_number_names_channel_and_sample()
    {
        var values = new float[Schema.Length];
        values[2 * Schema.Samples + 17] = float.NaN;
        Assert.Contains("channel az, sample 17", Assert.Throws<InvalidWindowException>(() => new SensorWindow(Schema, values, ChannelGroups.All)).Message);
    }

    [Fact]
    public void Wrong_shape_names_the_right_one() =>
        Assert.Contains("10 x 100", Assert.Throws<InvalidWindowException>(() => new SensorWindow(Schema, new float[999], ChannelGroups.All)).Message);

    [Fact]
    public void Absent_group_is_zero_whatever_was_in_it_and_shows_in_the_networks_input()
    {
        var values = new float[Schema.Length];
        Array.Fill(values, 3f);
        values[6 * Schema.Samples] = float.NaN; // nobody looks at an absent channel
        var window = new SensorWindow(Schema, values, ChannelGroups.Imu);
        Assert.All(window[6].ToArray(), v => Assert.Equal(0, v));
        var input = new float[Schema.NetworkChannels * Schema.Samples];
        NetworkInput.Write(window, ChannelScaling.Nominal(Schema), input);
        float[] presence = [.. Enumerable.Range(0, 4).Select(g => input[(Schema.Channels.Count + g) * Schema.Samples])];
        Assert.Equal([1, 1, 0, 0], presence);
    }

    [Fact]
    public void Fitted_scaling_gives_mean_zero_and_deviation_one()
    {
        var windows = Enumerable.Range(0, 20).SelectMany(p => CitySafeSense.Sensing.Generator.SyntheticPeople.Draw(3, p, 10)).Select(w => w.Window).ToArray();
        var scaling = ChannelScaling.Fit(Schema, windows);
        double sum = 0, squares = 0, count = 0;
        foreach (var window in windows)
            foreach (var value in window[0])
            {
                var scaled = (value - scaling.Centre[0]) / scaling.Scale[0];
                sum += scaled;
                squares += scaled * scaled;
                count++;
            }
        Assert.Equal(0, sum / count, 1e-3);
        Assert.Equal(1, squares / count, 1e-2);
    }
}
