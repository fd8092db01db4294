using CitySafeSense.Privacy;

namespace CitySafeSense.Federation;

/// <summary>Makes what the updates of a round go into. An experiment puts liars between.</summary>
public interface IAggregationFactory
{
    /// <param name="length">Values in an update.</param>
    /// <param name="normMax">The clip bound of this round.</param>
    /// <param name="candidates">Everybody who could have been invited.</param>
    /// <param name="invited">Who was.</param>
    Aggregation Create(RoundPlan plan, int length, double normMax, int candidates, int invited);
}

public sealed class AggregationFactory(Noise noise) : IAggregationFactory
{
    public Aggregation Create(RoundPlan plan, int length, double normMax, int candidates, int invited) => plan.Privacy is { } privacy
        ? new PrivateAggregation(privacy, length, normMax, Math.Max(1, privacy.SamplingRate * candidates), noise)
        : plan.Aggregation.Create(length, normMax, invited);
}
