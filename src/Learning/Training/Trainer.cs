using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>How an epoch went.</summary>
/// <param name="Loss">Mean over the batches trained on.</param>
/// <param name="ValidationLoss">On examples not trained on.</param>
/// <param name="IsBest">No epoch before had a smaller one.</param>
public sealed record EpochReport(int Epoch, double Rate, double Loss, double ValidationLoss, bool IsBest);

/// <summary>
/// Trains a network epoch by epoch and remembers the weights that did best on examples it does not train on. Everything it is
/// at is its checkpoint: another trainer that starts from one goes on with the same bits.
/// </summary>
public sealed class Trainer
{
    private readonly Network network;
    private readonly TrainingOptions options;
    private readonly ulong seed;
    private readonly ModelWorkspace workspace;
    private readonly IOptimiser optimiser;
    private readonly float[] weights, best, gradient;

    /// <summary>Epochs at which a cycle of the learning rate ends; the last is where training does.</summary>
    private List<int> cycles;
    private int epoch, sinceBest;
    private double bestLoss = double.PositiveInfinity;

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public Trainer(Network network, TrainingOptions options, ulong seed)
    {
        options.Validate();
        (this.network, this.options, this.seed) = (network, options, seed);
        (workspace, optimiser) = (network.CreateWorkspace(), options.Create(network.Layout.Length));
        weights = network.Initialise(seed);
        (best, gradient) = ((float[])weights.Clone(), new float[weights.Length]);
        cycles = [options.Epochs];
    }

    /// <summary>After the last epoch, or when patience has ended.</summary>
    public bool IsDone => epoch >= cycles[^1] || (options.Stopping.Patience > 0 && sinceBest >= options.Stopping.Patience);

    /// <summary>The weights of the best epoch so far.</summary>
    public ReadOnlySpan<float> Best => best;

    public Checkpoint Checkpoint => new(Identity(), seed, [.. cycles], epoch, sinceBest, bestLoss, [.. weights], [.. best], optimiser.State);

    /// <exception cref="ArgumentException">The checkpoint is of another model or another seed.</exception>
    public void Resume(Checkpoint checkpoint)
    {
        if (checkpoint.Identity != Identity() || checkpoint.Weights.Length != weights.Length || checkpoint.Best.Length != best.Length || checkpoint.Epoch < 0 || checkpoint.Seed != seed || checkpoint.Cycles.FirstOrDefault() != options.Epochs)
            throw new ArgumentException($"the checkpoint is of \"{checkpoint.Identity}\", {checkpoint.Weights.Length} parameters, seed {checkpoint.Seed}; this training is of \"{Identity()}\", {weights.Length} parameters, seed {seed}. Train as then, or into another folder");
        optimiser.Restore(checkpoint.Optimiser);
        checkpoint.Weights.CopyTo(weights, 0);
        checkpoint.Best.CopyTo(best, 0);
        (cycles, epoch, sinceBest, bestLoss) = ([.. checkpoint.Cycles], checkpoint.Epoch, checkpoint.SinceBest, checkpoint.BestLoss);
    }

    /// <summary>More epochs than were planned: when those are over the learning rate begins another cycle, as long as what is added; patience counts anew.</summary>
    /// <param name="epochs">In all.</param>
    /// <exception cref="ArgumentException">They are no more than are planned already.</exception>
    public void ExtendTo(int epochs)
    {
        if (epochs <= cycles[^1] || epochs > TrainingOptions.EpochsMax) throw new ArgumentException($"training: it is planned for {cycles[^1]} epochs; extend it to more of them, at most {TrainingOptions.EpochsMax}");
        cycles.Add(epochs);
        sinceBest = 0;
    }

    /// <summary>One pass over the training examples in an order of its own.</summary>
    /// <exception cref="ArgumentException">There are no examples, or training diverged: the checkpoint before is still good.</exception>
    public EpochReport RunEpoch(Examples training, Examples validation)
    {
        if (training.Count == 0 || validation.Count == 0) throw new ArgumentException("training and validation need at least one example each");
        for (var row = 0; row < validation.Count; row++) network.Loss.Check(network, validation, row);
        optimiser.Rate = RateOf(epoch);
        var rows = Enumerable.Range(0, training.Count).ToArray();
        Rng.For(seed, "epoch", epoch.ToString(System.Globalization.CultureInfo.InvariantCulture)).Shuffle<int>(rows);
        var (loss, batches) = (0.0, 0);
        for (var start = 0; start < rows.Length; start += options.BatchSize, batches++)
        {
            loss += network.LossAndGradient(weights, training, rows.AsSpan(start, Math.Min(options.BatchSize, rows.Length - start)), workspace, gradient);
            GradientClip.ByNorm(gradient, options.GradientNormMax);
            optimiser.Step(weights, gradient);
        }
        var validated = MeanLoss(validation);
        var isBest = validated < bestLoss;
        sinceBest = isBest ? 0 : sinceBest + 1;
        if (isBest)
        {
            bestLoss = validated;
            weights.CopyTo(best, 0);
        }
        return new(epoch++, optimiser.Rate, loss / batches, validated, isBest);
    }

    private double RateOf(int at)
    {
        var cycle = cycles.FindIndex(end => at < end);
        var begin = cycle <= 0 ? 0 : cycles[cycle - 1];
        return options.Course.Over((cycle < 0 ? at + 1 : cycles[cycle]) - begin).RateOf(at - begin);
    }

    /// <summary>What has to be the same for the same bits, except for the data: the layers and how they are trained.</summary>
    private string Identity() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{network.Name} {network.Fingerprint}, {options.Optimiser}, batches of {options.BatchSize}, momentum {options.Momentum}, decay {options.WeightDecay}, norm {options.GradientNormMax}, {options.Course}");

    private double MeanLoss(Examples examples)
    {
        var output = new float[network.Outputs];
        var (loss, total) = (0.0, 0.0);
        for (var row = 0; row < examples.Count; row++)
        {
            network.Infer(weights, examples.Input(row), workspace, output);
            var weight = network.Loss.WeightOf(examples, row);
            loss += weight * network.LossOf(output, examples, row);
            total += weight;
        }
        return loss / total;
    }
}
