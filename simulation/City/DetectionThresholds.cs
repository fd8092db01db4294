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
        [FlowDetector.ZScore] = 7.111,
        [FlowDetector.Window] = 4.469,
        [FlowDetector.Ewma] = 5.9,
        [FlowDetector.Cusum] = 9.072,
        [FlowDetector.PageHinkley] = 81.102,
        [FlowDetector.GetisOrd] = 4.638,
        [FlowDetector.Combined] = 4.267,
    };

    /// <summary>Where a bin of fewer than ten people is unknown.</summary>
    public static IReadOnlyDictionary<FlowDetector, double> Released { get; } = new Dictionary<FlowDetector, double>
    {
        [FlowDetector.ZScore] = 6.05,
        [FlowDetector.Window] = 4.247,
        [FlowDetector.Ewma] = 5.809,
        [FlowDetector.Cusum] = 9.724,
        [FlowDetector.PageHinkley] = 51.203,
        [FlowDetector.GetisOrd] = 4.837,
        [FlowDetector.Combined] = 3.8,
    };

    /// <summary>On noisy hours of larger cells.</summary>
    public static IReadOnlyDictionary<FlowDetector, double> Noisy { get; } = new Dictionary<FlowDetector, double>
    {
        [FlowDetector.ZScore] = 16.281,
        [FlowDetector.Window] = 20.511,
        [FlowDetector.Ewma] = 24.764,
        [FlowDetector.Cusum] = 120.081,
        [FlowDetector.PageHinkley] = 170.312,
        [FlowDetector.GetisOrd] = 9.68,
        [FlowDetector.Combined] = 18.043,
    };
}
