namespace CitySafeSense.Sensing.Recordings;

/// <summary>Units of inertial channels, as names have them behind the axis: acc_x_g, gyro_z_rad/s, ax (m/s2).</summary>
public static class ChannelUnit
{
    private const double StandardGravity = 9.80665;
    private static readonly char[] marks = [' ', '_', '(', ')', '[', ']', ':', ','];

    /// <returns>What a value is multiplied by to be in m/s2, or in rad/s for the last three of six channels.</returns>
    /// <exception cref="RecordingException">The name says no unit of what the channel measures, or two of them.</exception>
    public static double Factor(string channel, bool isRotation)
    {
        string[] tokens = [.. channel.ToLowerInvariant().Split(marks, StringSplitOptions.RemoveEmptyEntries)];
        double[] found = [.. tokens.Select(t => isRotation ? Rotation(t) : Acceleration(t)).Where(f => f is not null).Select(f => f!.Value)];
        return found is [var factor] ? factor
            : throw new RecordingException($"channels: \"{channel}\" names {(found.Length == 0 ? "no" : "more than one")} unit of {(isRotation ? "rotation (rad/s, deg/s, dps)" : "acceleration (g, m/s2)")}; call it such as {(isRotation ? "gyro_x_rad/s" : "acc_x_g")}");
    }

    private static double? Acceleration(string token) => token switch
    {
        "g" => StandardGravity,
        "mg" => StandardGravity / 1000,
        "m/s2" or "m/s^2" or "m/s²" or "ms2" or "ms-2" or "m/s/s" or "mps2" => 1,
        _ => null,
    };

    private static double? Rotation(string token) => token switch
    {
        "deg/s" or "dps" or "deg" or "degs" or "°/s" => Math.PI / 180,
        "rad/s" or "rad" or "rads" or "rps" => 1,
        _ => null,
    };
}
