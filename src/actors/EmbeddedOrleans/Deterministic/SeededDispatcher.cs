using CitySafeSense.Numerics;

namespace CitySafeSense.EmbeddedOrleans.Deterministic;

/// <summary>Who is ready, and whose turn is next: drawn by the seed. Everything stays on the thread that runs it; whoever comes from another is noted.</summary>
internal sealed class SeededDispatcher(ulong seed, Faults faults, Action<string> reportFault) : TurnDispatcher
{
    private readonly List<TurnQueue> ready = [];
    private readonly Rng choice = Rng.For(seed, "choice"), chance = Rng.For(seed, "faults");
    private readonly int thread = Environment.CurrentManagedThreadId;

    /// <summary>Results are handed over where they are made: there is only one thread.</summary>
    public override TaskCreationOptions Completion => TaskCreationOptions.None;

    public int Count => ready.Count;

    /// <summary>Who came from a foreign thread; null while nobody did.</summary>
    public string? Intruder { get; private set; }

    /// <summary>Who runs, and what of it: set by the turn itself.</summary>
    public string Turn { get; private set; } = "";

    public override void Ready(TurnQueue turns)
    {
        Witness(turns);
        lock (ready) ready.Add(turns);
    }

    public override void Witness(TurnQueue turns)
    {
        if (Environment.CurrentManagedThreadId != thread) Intruder ??= turns.ToString();
    }

    public override void Started(TurnQueue turns, ICall? call) => Turn = call?.Name ?? "resumes";

    public override IEnumerable<Activation> InOrder(IEnumerable<Activation> activations) => activations.OrderBy(a => a.ToString(), StringComparer.Ordinal);

    public override CallFate FateOf(ICall call, Activation? sender)
    {
        // A caller outside stands for a test or a user: what it loses it would only ask again.
        if (faults.CallIsLost == 0 || sender is null || !chance.Chance(faults.CallIsLost)) return CallFate.Delivered;
        var fate = chance.Chance(0.5) ? CallFate.RequestLost : CallFate.AnswerLost;
        reportFault($"{call.Name} of {sender}: {(fate == CallFate.RequestLost ? "request" : "answer")} lost");
        return fate;
    }

    public int Choose(int among) => choice.NextInt(among);

    public TurnQueue TakeReady(int index)
    {
        lock (ready)
        {
            var turns = ready[index];
            ready.RemoveAt(index);
            return turns;
        }
    }

    /// <summary>Whether an activation that would resume dies instead.</summary>
    public bool Dies(TurnQueue turns)
    {
        if (faults.ActivationDies == 0 || turns is not Activation activation || activation.Occupant is null || !chance.Chance(faults.ActivationDies)) return false;
        reportFault($"{activation} dies within {activation.Occupant.Name}");
        return true;
    }

    /// <summary>How long a turn takes.</summary>
    public TimeSpan Duration() => TimeSpan.FromMicroseconds(1 + choice.NextInt(50));
}
