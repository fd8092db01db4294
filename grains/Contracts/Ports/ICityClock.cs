namespace CitySafeSense.Contracts.Ports;

/// <summary>The time by which windows are binned: the real one in production, the virtual city's own in simulation.</summary>
public interface ICityClock
{
    DateTimeOffset Now { get; }

    /// <summary>
    /// Whether time passes in steps that whoever simulates waits for: then what is otherwise done every second is done once in a
    /// step, so that the same seed gives the same numbers on a machine of any speed (docs/decisions/0004).
    /// </summary>
    bool IsStepped { get; }
}
