using System.Collections.Concurrent;

namespace CitySafeSense.Federation;

/// <summary>From what a client starts its local step.</summary>
public enum StartingPoint
{
    Global,
    Local,
    ElementWiseBlend,
    ChannelWiseBlend,
}

/// <summary>Whether a client's change reaches the server.</summary>
public enum Contribution
{
    Sent,
    Kept,
}

/// <summary>Whose updates make the next version.</summary>
public enum Arrival
{
    /// <summary>Theirs who were invited to the round, and started from its version.</summary>
    Together,

    /// <summary>Theirs who report first, whichever version they started from; the older it is, the less they count.</summary>
    Buffered,
}

/// <summary>What a client's training minds besides its own loss.</summary>
public enum LocalObjective
{
    Plain,

    /// <summary>Stays near what it received.</summary>
    Proximal,

    /// <summary>Corrects its drift; sends and keeps a control variate.</summary>
    ControlVariates,
}

/// <summary>Which of its weights a client uses, and is judged by, between rounds.</summary>
public enum PersonalModelRule
{
    /// <summary>None: the global model, as it came.</summary>
    Global,

    /// <summary>What it starts the next local step from: the blend, or its own.</summary>
    StartingPoint,

    /// <summary>What came, trained for one more local step that is not sent.</summary>
    FineTuned,

    /// <summary>A second model of its own, trained beside the shared one and held near it.</summary>
    Beside,
}

/// <summary>
/// A federated strategy as its choices. The controls `local` and `fedavg-ft` are strategies like others, so that nothing is
/// ever shown without them.
/// </summary>
public sealed record Strategy(string Name, StartingPoint Start, Contribution Contribution, PersonalModelRule Personal)
{
    private static readonly ConcurrentDictionary<string, Strategy> added = new();

    public LocalObjective Objective { get; init; }
    public Arrival Arrival { get; init; }
    public IServerOptimiser Server { get; init; } = new MeanServerOptimiser();

    /// <summary>Those that come with the product.</summary>
    public static IReadOnlyList<Strategy> All { get; } =
    [
        new("fedavg", StartingPoint.Global, Contribution.Sent, PersonalModelRule.Global),
        new("fedavg-ft", StartingPoint.Global, Contribution.Sent, PersonalModelRule.FineTuned),
        new("fedprox", StartingPoint.Global, Contribution.Sent, PersonalModelRule.Global) { Objective = LocalObjective.Proximal },
        new("scaffold", StartingPoint.Global, Contribution.Sent, PersonalModelRule.Global) { Objective = LocalObjective.ControlVariates, Server = new ControlVariateServerOptimiser() },
        new("fedavgm", StartingPoint.Global, Contribution.Sent, PersonalModelRule.Global) { Server = new MomentumServerOptimiser() },
        new("fedadam", StartingPoint.Global, Contribution.Sent, PersonalModelRule.Global) { Server = new AdaptiveServerOptimiser(isYogi: false) },
        new("fedyogi", StartingPoint.Global, Contribution.Sent, PersonalModelRule.Global) { Server = new AdaptiveServerOptimiser(isYogi: true) },
        new("fedbuff", StartingPoint.Global, Contribution.Sent, PersonalModelRule.Global) { Arrival = Arrival.Buffered },
        new("fedala", StartingPoint.ElementWiseBlend, Contribution.Sent, PersonalModelRule.StartingPoint),
        new("fedala-channel", StartingPoint.ChannelWiseBlend, Contribution.Sent, PersonalModelRule.StartingPoint),
        new("ditto", StartingPoint.Global, Contribution.Sent, PersonalModelRule.Beside),
        new("local", StartingPoint.Local, Contribution.Kept, PersonalModelRule.StartingPoint),
    ];

    /// <exception cref="ArgumentException">No strategy has this name; the message lists those that exist.</exception>
    public static Strategy Named(string name) =>
        All.FirstOrDefault(s => s.Name == name) ?? added.GetValueOrDefault(name)
        ?? throw new ArgumentException($"\"{name}\" is no strategy; choose from {string.Join(", ", All.Concat(added.Values).Select(s => s.Name))}");

    /// <summary>Makes a user's own strategy known to this process under its name.</summary>
    /// <exception cref="ArgumentException">The product has one of that name.</exception>
    public static void Add(Strategy strategy)
    {
        if (All.Any(s => s.Name == strategy.Name)) throw new ArgumentException($"\"{strategy.Name}\" is a strategy of the product; give yours another name");
        added[strategy.Name] = strategy;
    }

    /// <summary>Whether a client must remember something of its own.</summary>
    public bool IsStateful => Start != StartingPoint.Global || Personal == PersonalModelRule.Beside || Objective == LocalObjective.ControlVariates;

    /// <summary>Values in an update of a model with so many parameters.</summary>
    public int UpdateLength(int parameters) => Objective == LocalObjective.ControlVariates ? 2 * parameters : parameters;
}

/// <summary>A user's own strategy: one class with a constructor without parameters, found by its name.</summary>
public interface IStrategyFamily
{
    Strategy Create();
}
