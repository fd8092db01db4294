using CitySafeSense.Hotspots;

namespace CitySafeSense.City;

/// <summary>
/// From which score on each detector alarms, by what it looks at: those at which 2,000 cells without incidents give 0.01 false
/// alarms per cell and week, over 14 days after 56, on seeds 100 to 109. Trials are graded on other seeds.
/// </summary>
public static class DetectionThresholds
{
    public static IReadOnlyDictionary<FlowDetector, double> Exact { get; } = new Dictionary<FlowDetector, double>
    {
        [FlowDetector.ZScore] = 7,
    };

    /// <summary>Where a bin of fewer than ten people is unknown.</summary>
    public static IReadOnlyDictionary<FlowDetector, double> Released { get; } = new Dictionary<FlowDetector, double>
    {
        [FlowDetector.ZScore] = 7,
    };

    /// <summary>On noisy hours.</summary>
    public static IReadOnlyDictionary<FlowDetector, double> Noisy { get; } = new Dictionary<FlowDetector, double>
    {
        [FlowDetector.ZScore] = 4,
    };
}
