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

/// <summary>Which of its weights a client uses, and is judged by, between rounds.</summary>
public enum PersonalModelRule
{
    /// <summary>None: the global model, as it came.</summary>
    Global,

    /// <summary>What it starts the next local step from: the blend, or its own.</summary>
    StartingPoint,

    /// <summary>What came, trained for one more local step that is not sent.</summary>
    FineTuned,
}

/// <summary>A federated strategy as its three choices. The controls `local` and `fedavg-ft` are strategies like others, so that nothing is ever shown without them.</summary>
public sealed record Strategy(string Name, StartingPoint Start, Contribution Contribution, PersonalModelRule Personal)
{
    public static IReadOnlyList<Strategy> All { get; } =
    [
        new("fedavg", StartingPoint.Global, Contribution.Sent, PersonalModelRule.Global),
        new("fedavg-ft", StartingPoint.Global, Contribution.Sent, PersonalModelRule.FineTuned),
        new("fedala", StartingPoint.ElementWiseBlend, Contribution.Sent, PersonalModelRule.StartingPoint),
        new("fedala-channel", StartingPoint.ChannelWiseBlend, Contribution.Sent, PersonalModelRule.StartingPoint),
        new("local", StartingPoint.Local, Contribution.Kept, PersonalModelRule.StartingPoint),
    ];

    /// <exception cref="ArgumentException">No strategy has this name; the message lists those that exist.</exception>
    public static Strategy Named(string name) =>
        All.FirstOrDefault(s => s.Name == name)
        ?? throw new ArgumentException($"\"{name}\" is no strategy; choose from {string.Join(", ", All.Select(s => s.Name))}");

    /// <summary>Whether a client must remember weights of its own.</summary>
    public bool IsStateful => Start != StartingPoint.Global;
}
