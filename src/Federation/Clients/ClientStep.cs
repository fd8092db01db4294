using System.Globalization;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

/// <summary>What every client of a round is told.</summary>
public sealed record ClientInstructions
{
    public required string Strategy { get; init; }
    public required int Round { get; init; }
    public required ulong Seed { get; init; }
    public LocalTrainingOptions Training { get; init; } = new();
    public AdaptiveLocalAggregationOptions ElementWise { get; init; } = new();
    public ChannelwiseAggregationOptions ChannelWise { get; init; } = new();

    /// <summary>How strongly FedProx holds a client near what it received, and Ditto its own model.</summary>
    public double ProximalWeight { get; init; } = 0.1;
}

/// <summary>What the server sends: weights, and its control variate where the strategy has one.</summary>
/// <param name="Name">Hash of the weights, by which what a client keeps refers to them.</param>
public readonly record struct ReceivedModel(ReadOnlyMemory<float> Weights, float[] Control, string Name = "")
{
    public ReceivedModel(ReadOnlyMemory<float> weights)
        : this(weights, [])
    {
    }
}

/// <summary>What a local step leads to.</summary>
/// <param name="Delta">Trained minus received weights, then where the strategy has one the change of the control variate; or nothing if the strategy keeps it.</param>
public sealed record ClientResult(PersonalModel? Personal, float[]? Delta, int Samples, double Loss);

/// <summary>
/// One client's part of a round: receive (blend), train, report. Pure: the same weights, examples, instructions and client
/// give the same bits, in a grain or in a plain loop.
/// </summary>
public static class ClientStep
{
    /// <summary>What the client starts from when it has received the global weights, before it trains.</summary>
    public static (float[] Weights, BlendMemory Memory) Receive(
        IModel model, ReceivedModel received, PersonalModel? personal, Examples examples, ClientInstructions instructions, string client, ModelWorkspace workspace)
    {
        var global = received.Weights.Span;
        var memory = personal?.Blend ?? BlendMemory.None;
        if (personal is null || personal.Weights.Length != global.Length) return (global.ToArray(), memory);
        var rng = Stream(instructions, client, "blend");
        return Strategy.Named(instructions.Strategy).Start switch
        {
            StartingPoint.Local => (personal.Weights.ToArray(), memory),
            StartingPoint.ElementWiseBlend => AdaptiveLocalAggregation.Blend(
                model, global, personal.Weights.ToArray(), memory, examples, instructions.ElementWise, instructions.Training.BatchSize, rng, workspace),
            StartingPoint.ChannelWiseBlend => (ChannelwiseAggregation.Blend(
                model, global, personal.Weights.ToArray(), examples, instructions.ChannelWise, instructions.Training.BatchSize, rng, workspace), memory),
            _ => (global.ToArray(), memory),
        };
    }

    /// <summary>Receives and trains.</summary>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    public static ClientResult Run(
        IModel model, ReceivedModel received, PersonalModel? personal, Examples examples, ClientInstructions instructions, string client, ModelWorkspace workspace)
    {
        var strategy = Strategy.Named(instructions.Strategy);
        var (weights, memory) = Receive(model, received, personal, examples, instructions, client, workspace);
        var own = strategy.Objective == LocalObjective.ControlVariates ? Or(personal?.Control, weights.Length) : [];
        var objective = ObjectiveOf(strategy, received, own, instructions);
        var loss = LocalTraining.Run(model, weights, examples, instructions.Training, Stream(instructions, client, "train"), workspace, objective);
        var control = (objective as ControlVariateObjective)?.Next() ?? [];
        var beside = strategy.Personal == PersonalModelRule.Beside ? Beside(model, received, personal, examples, instructions, client, workspace) : null;
        if (!Kernels.Chosen.AreFinite(weights) || !Kernels.Chosen.AreFinite(beside))
            throw new InvalidOperationException($"{client}, round {instructions.Round}: training diverged; nothing of it is kept (lower the learning rate)");
        var next = !strategy.IsStateful ? null
            : new PersonalModel(Kept(beside ?? (strategy.Start == StartingPoint.Global ? [] : weights), received, instructions, client), memory, control, []);
        return new(next, strategy.Contribution == Contribution.Sent ? Update(received.Weights.Span, weights, own, control) : null, examples.Count, loss);
    }

    /// <summary>The weights the client uses, and is judged by, once it has received the global ones and before it trains again.</summary>
    public static float[] Use(
        IModel model, ReceivedModel received, PersonalModel? personal, Examples examples, ClientInstructions instructions, string client, ModelWorkspace workspace)
    {
        switch (Strategy.Named(instructions.Strategy).Personal)
        {
            case PersonalModelRule.StartingPoint:
                return Receive(model, received, personal, examples, instructions, client, workspace).Weights;
            case PersonalModelRule.FineTuned:
                return Trained(model, received.Weights.ToArray(), examples, instructions, client, workspace);
            case PersonalModelRule.Beside:
                return personal is { Weights.Length: > 0 } ? personal.Weights.ToArray() : received.Weights.ToArray();
            default:
                return received.Weights.ToArray();
        }
    }

    /// <summary>The same after one more local step.</summary>
    public static float[] Trained(IModel model, float[] weights, Examples examples, ClientInstructions instructions, string client, ModelWorkspace workspace)
    {
        if (examples.Count > 0) LocalTraining.Run(model, weights, examples, instructions.Training, Stream(instructions, client, "train"), workspace);
        return weights;
    }

    private static WeightDelta Kept(float[] weights, ReceivedModel received, ClientInstructions instructions, string client) =>
        weights.Length == 0 ? WeightDelta.None : WeightDelta.Of(weights, received.Name, received.Weights, Stream(instructions, client, "keep"));

    private static float[] Beside(IModel model, ReceivedModel received, PersonalModel? personal, Examples examples, ClientInstructions instructions, string client, ModelWorkspace workspace)
    {
        float[] weights = personal is { Weights.Length: > 0 } ? personal.Weights.ToArray() : received.Weights.ToArray();
        LocalTraining.Run(model, weights, examples, instructions.Training, Stream(instructions, client, "beside"), workspace, new ProximalObjective(received.Weights, instructions.ProximalWeight));
        return weights;
    }

    private static ILocalObjective? ObjectiveOf(Strategy strategy, ReceivedModel received, float[] own, ClientInstructions instructions) => strategy.Objective switch
    {
        LocalObjective.Proximal => new ProximalObjective(received.Weights, instructions.ProximalWeight),
        LocalObjective.ControlVariates => new ControlVariateObjective(Or(received.Control, own.Length), own),
        _ => null,
    };

    private static float[] Update(ReadOnlySpan<float> received, float[] trained, float[] control, float[] nextControl)
    {
        var update = new float[trained.Length + nextControl.Length];
        for (var i = 0; i < trained.Length; i++) update[i] = trained[i] - received[i];
        for (var i = 0; i < nextControl.Length; i++) update[trained.Length + i] = nextControl[i] - control[i];
        return update;
    }

    private static float[] Or(float[]? vector, int length) => vector is not null && vector.Length == length ? vector : new float[length];

    private static Rng Stream(ClientInstructions instructions, string client, string purpose) =>
        Rng.For(instructions.Seed, purpose, client, instructions.Round.ToString(CultureInfo.InvariantCulture));
}
