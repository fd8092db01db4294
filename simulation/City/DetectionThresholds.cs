using CitySafeSense.Hotspots;

namespace CitySafeSense.City;

/// <summary>
/// From which score on each detector alarms, by what it looks at: those at which 2,000 cells without incidents give 0.01 false
/// alarms per cell and week, over 14 days after 56, on seeds 100 to 109 (`simulate city --calibrate`). Trials are graded on other seeds.
/// </summary>
public static class DetectionThresholds
{
    public static IReadOnlyDictionary<FlowDetector, double> Exact { get; } = new Dictionary<FlowDetector, double>
    {
        [FlowDetector.ZScore] = 7.11,
        [FlowDetector.Window] = 4.469,
        [FlowDetector.Ewma] = 5.9,
        [FlowDetector.Cusum] = 9.072,
        [FlowDetector.PageHinkley] = 81.818,
        [FlowDetector.GetisOrd] = 4.638,
        [FlowDetector.Combined] = 4.267,
    };

    /// <summary>Where a bin of fewer than ten people is unknown.</summary>
    public static IReadOnlyDictionary<FlowDetector, double> Released { get; } = new Dictionary<FlowDetector, double>
    {
        [FlowDetector.ZScore] = 20.52,
        [FlowDetector.Window] = 4.925,
        [FlowDetector.Ewma] = 16.056,
        [FlowDetector.Cusum] = 28.324,
        [FlowDetector.PageHinkley] = 56.435,
        [FlowDetector.GetisOrd] = 6.563,
        [FlowDetector.Combined] = 4.759,
    };

    /// <summary>On noisy hours.</summary>
    public static IReadOnlyDictionary<FlowDetector, double> Noisy { get; } = new Dictionary<FlowDetector, double>
    {
        [FlowDetector.ZScore] = 10.247,
    };
}
