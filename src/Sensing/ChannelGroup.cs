namespace CitySafeSense.Sensing;

/// <summary>The instruments a window may come from. A source that lacks one leaves its bit off; zeros alone would be a lie.</summary>
[Flags]
public enum ChannelGroups : byte
{
    None = 0,
    Accelerometer = 1,
    Gyroscope = 2,
    Gnss = 4,
    Acoustic = 8,
    Imu = Accelerometer | Gyroscope,
    All = Imu | Gnss | Acoustic,
}
