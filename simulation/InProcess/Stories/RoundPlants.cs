using CitySafeSense.EmbeddedOrleans.Deterministic;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.Privacy;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace CitySafeSense.InProcess;

/// <summary>Faults that a check of rounds must find.</summary>
public enum RoundPlant
{
    None,

    /// <summary>One version in three is stored twice.</summary>
    DoubleCommit,

    /// <summary>One update in three enters its sum twice.</summary>
    CountTwice,

    /// <summary>What private rounds have spent is forgotten by the store.</summary>
    BudgetOverrun,
}

/// <summary>A store of states that spoils what it is given, as planted.</summary>
internal sealed class SpoiledGrainStorage(SimulatedGrainStorage inner, RoundPlant plant) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (plant == RoundPlant.DoubleCommit && grainState.State is ModelState { Versions: [.., { Round: > 0 } last] } model && last.Round % 3 == 0 && model.Versions.Count(v => v.Round == last.Round) == 1)
            model.Versions.Add(last with { Version = model.Next++ });
        if (plant == RoundPlant.BudgetOverrun && grainState.State is RoundsState { Spent.Count: > 0 } rounds)
        {
            // Nobody sees it until the grain comes back from what is stored.
            var whole = rounds.Spent;
            rounds.Spent = [];
            await inner.WriteStateAsync(stateName, grainId, grainState);
            rounds.Spent = whole;
            return;
        }
        await inner.WriteStateAsync(stateName, grainId, grainState);
    }
}

/// <summary>Lets one update in three in twice.</summary>
internal sealed class ForgetfulAggregationFactory(IAggregationFactory inner) : IAggregationFactory
{
    public Aggregation Create(RoundPlan plan, int length, double normMax, int candidates, int invited) => new Forgetful(inner.Create(plan, length, normMax, candidates, invited), length);

    private sealed class Forgetful(Aggregation inner, int length) : Aggregation(length, ClippedUpdate.NormMaxLimit)
    {
        public override float[] Finish() => inner.Finish();

        protected override void Take(string participant, ClippedUpdate update)
        {
            for (var times = Updates % 3 == 0 ? 2 : 1; times > 0; times--) inner.Add(participant, update.Delta, update.Weight);
        }
    }
}
