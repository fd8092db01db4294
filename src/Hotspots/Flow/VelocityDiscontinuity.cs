using CitySafeSense.Sensing;

namespace CitySafeSense.Hotspots;

/// <summary>A window whose velocity changed by at least 2.5 m/s on foot: faster than a walker starts or stops, slower than traffic does all day.</summary>
public static class VelocityDiscontinuity
{
    public const float ThresholdMetresPerSecond = 2.5f;

    public static bool Is(Contribution contribution) =>
        contribution.Activity is not (ActivityClass.Riding or ActivityClass.EnteringCar)
        && contribution.VelocityChange.MagnitudeMetresPerSecond >= ThresholdMetresPerSecond;
}
