namespace CitySafeSense.Contracts;

/// <summary>Whoever takes part in rounds: a device with its windows, or a learner with examples of any kind. Its key is its name.</summary>
[Alias("citysafe.IFederatedClient")]
public interface IFederatedClient : IGrainWithStringKey
{
    /// <summary>Takes part in a round: blends, trains, reports to the round by itself.</summary>
    [OneWay]
    [Alias("Participate")]
    Task Participate(Invitation invitation);

    /// <summary>A step of the secure sum that its part of a round goes into: answers what the shard passes on, or fails, and then it has dropped out.</summary>
    [Alias("Secure")]
    Task<ImmutableArray<byte>> Secure(SecureCall call);

    /// <summary>How it does on the examples that were held out for it. Simulation and research only.</summary>
    [Alias("Judge")]
    Task<EvaluationReport> Judge(Invitation received, JudgedModel model);
}

/// <summary>A client with examples of its own, from <see cref="Ports.IExampleSource"/>: `{client}`.</summary>
[Alias("citysafe.ILearnerGrain")]
public interface ILearnerGrain : IFederatedClient
{
    /// <summary>Offers itself to the rounds of a population; answers how many examples it has.</summary>
    [Alias("Join")]
    Task<int> Join(string population);
}

/// <summary>Which of a client's models is judged.</summary>
public enum JudgedModel
{
    /// <summary>The global one, as it came.</summary>
    Global,

    /// <summary>The one it uses between rounds: on receipt, blended where the strategy blends, before it trains again.</summary>
    Personal,

    /// <summary>The one it uses, after one more local step.</summary>
    Trained,
}

/// <summary>An invitation to a round, and which weights it starts from.</summary>
/// <param name="Seat">Where the update goes under masks instead of openly.</param>
[GenerateSerializer, Immutable, Alias("citysafe.Invitation")]
public sealed record Invitation(string Population, int Round, ModelInfo Model, RoundTerms Terms, SecureSeat? Seat = null);

/// <summary>Counts [truth, prediction], row by row, over the classes of the model.</summary>
/// <param name="KeptBytes">What the client has stored for itself.</param>
[GenerateSerializer, Immutable, Alias("citysafe.EvaluationReport")]
public sealed record EvaluationReport(int Classes, ImmutableArray<long> Counts, double Loss, int KeptBytes = 0);
