namespace CitySafeSense.Contracts.Ports;

/// <summary>The time by which windows are binned: the real one in production, the virtual city's own in simulation.</summary>
public interface ICityClock
{
    DateTimeOffset Now { get; }
}
