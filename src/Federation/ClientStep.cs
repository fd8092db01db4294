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
}

/// <summary>What a local step leads to.</summary>
/// <param name="Delta">Trained minus received weights, or nothing if the strategy keeps it.</param>
public sealed record ClientResult(PersonalModel? Personal, float[]? Delta, int Samples, double Loss);

/// <summary>
/// One client's part of a round: receive (blend), train, report. Pure: the same weights, examples, instructions and client
/// give the same bits, in a grain or in a plain loop.
/// </summary>
public static class ClientStep
{
    /// <summary>What the client starts from when it has received the global weights, before it trains.</summary>
    public static (float[] Weights, BlendMemory Memory) Receive(
        IModel model, ReadOnlySpan<float> global, PersonalModel? personal, Examples examples, ClientInstructions instructions, string client, ModelWorkspace workspace)
    {
        var memory = personal?.Blend ?? BlendMemory.None;
        if (personal is null) return (global.ToArray(), memory);
        var rng = Stream(instructions, client, "blend");
        return Strategy.Named(instructions.Strategy).Start switch
        {
            StartingPoint.Local => ([.. personal.Weights], memory),
            StartingPoint.ElementWiseBlend => AdaptiveLocalAggregation.Blend(
                model, global, personal.Weights, memory, examples, instructions.ElementWise, instructions.Training.BatchSize, rng, workspace),
            StartingPoint.ChannelWiseBlend => (ChannelwiseAggregation.Blend(
                model, global, personal.Weights, examples, instructions.ChannelWise, instructions.Training.BatchSize, rng, workspace), memory),
            _ => (global.ToArray(), memory),
        };
    }

    /// <summary>Receives and trains.</summary>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    public static ClientResult Run(
        IModel model, ReadOnlySpan<float> global, PersonalModel? personal, Examples examples, ClientInstructions instructions, string client, ModelWorkspace workspace)
    {
        var strategy = Strategy.Named(instructions.Strategy);
        var (weights, memory) = Receive(model, global, personal, examples, instructions, client, workspace);
        var loss = LocalTraining.Run(model, weights, examples, instructions.Training, Stream(instructions, client, "train"), workspace);
        foreach (var weight in weights)
            if (!float.IsFinite(weight)) throw new InvalidOperationException($"{client}, round {instructions.Round}: training diverged; nothing of it is kept (lower the learning rate)");
        float[]? delta = null;
        if (strategy.Contribution == Contribution.Sent)
        {
            delta = new float[weights.Length];
            for (var i = 0; i < delta.Length; i++) delta[i] = weights[i] - global[i];
        }
        return new(strategy.IsStateful ? new PersonalModel(weights, memory) : null, delta, examples.Count, loss);
    }

    /// <summary>The weights the client uses, and is judged by, once it has received the global ones and before it trains again.</summary>
    public static float[] Use(
        IModel model, ReadOnlySpan<float> global, PersonalModel? personal, Examples examples, ClientInstructions instructions, string client, ModelWorkspace workspace)
    {
        switch (Strategy.Named(instructions.Strategy).Personal)
        {
            case PersonalModelRule.StartingPoint:
                return Receive(model, global, personal, examples, instructions, client, workspace).Weights;
            case PersonalModelRule.FineTuned:
                var tuned = global.ToArray();
                LocalTraining.Run(model, tuned, examples, instructions.Training, Stream(instructions, client, "train"), workspace);
                return tuned;
            default:
                return global.ToArray();
        }
    }

    private static Rng Stream(ClientInstructions instructions, string client, string purpose) =>
        Rng.For(instructions.Seed, purpose, client, instructions.Round.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
