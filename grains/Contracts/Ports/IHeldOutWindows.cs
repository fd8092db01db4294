using CitySafeSense.Sensing;

namespace CitySafeSense.Contracts.Ports;

/// <summary>Labelled windows that nobody trains on, by which versions of the model are judged before they go out.</summary>
public interface IHeldOutWindows
{
    /// <summary>Empty where there are none.</summary>
    IReadOnlyList<(SensorWindow Window, int Label)> Windows { get; }
}
