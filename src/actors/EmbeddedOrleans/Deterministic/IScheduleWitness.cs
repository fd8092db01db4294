namespace CitySafeSense.EmbeddedOrleans.Deterministic;

/// <summary>Looks on from outside while a schedule runs: a checker's place. It may read whatever it likes and must change nothing; what it throws ends the run.</summary>
public interface IScheduleWitness
{
    /// <param name="number">Turns since the run began.</param>
    /// <param name="at">Virtual time since the run began.</param>
    /// <param name="who">The grain, "story" or "timer".</param>
    /// <param name="what">The method that starts, or "resumes".</param>
    void Turn(long number, TimeSpan at, string who, string what);

    /// <summary>Something was made to go wrong.</summary>
    void Fault(TimeSpan at, string what);
}

/// <summary>The run broke a rule of determinism or came to no end; the message names who, the seed and the turn.</summary>
public sealed class ScheduleException(string message) : Exception(message);
