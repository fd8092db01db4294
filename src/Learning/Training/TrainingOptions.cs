namespace CitySafeSense.Learning;

public enum OptimiserKind
{
    Sgd,
    Adam,
    AdamW,
}

/// <summary>How a model is trained where all the data is in one place.</summary>
public sealed record TrainingOptions
{
    internal const int EpochsMax = 100_000;

    /// <summary>At most; see <see cref="Trainer.ExtendTo"/> for more of them later.</summary>
    public int Epochs { get; init; } = 30;

    public int BatchSize { get; init; } = 32;
    public OptimiserKind Optimiser { get; init; } = OptimiserKind.AdamW;

    /// <summary>Of the first cycle; where none is given a cosine from 0.003 over all its epochs.</summary>
    public LearningRateSchedule? Schedule { get; init; }
    public double Momentum { get; init; } = 0.9;

    /// <summary>Of AdamW.</summary>
    public double WeightDecay { get; init; } = 0.01;
    public double GradientNormMax { get; init; } = 5;
    public EarlyStopping Stopping { get; init; } = new(8);

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        Require(Enum.IsDefined(Optimiser), "optimiser", string.Join(", ", Enum.GetNames<OptimiserKind>()));
        Require(Epochs is >= 1 and <= EpochsMax, "epochs", $"1 to {EpochsMax}");
        Require(BatchSize is >= 1 and <= 65_536, "batch size", "1 to 65536");
        Require(Momentum is >= 0 and < 1, "momentum", "0 to below 1");
        Require(WeightDecay is >= 0 and < 1, "weight decay", "0 to below 1");
        Require(GradientNormMax > 0, "gradient norm bound", "above 0");
        Require(Stopping.Patience is >= 0 and <= 100_000, "patience", "0 (never stops) to 100000");
        for (var epoch = 0; epoch < Epochs; epoch++)
            Require(Course.RateOf(epoch) is >= 0 and <= 10, "learning rate", "0 to 10 in every epoch");
    }

    internal LearningRateSchedule Course => Schedule ?? new LearningRateSchedule.Cosine(0.003, Epochs, 1);

    internal IOptimiser Create(int parameters) => Optimiser switch
    {
        OptimiserKind.Sgd => new Sgd(parameters, 0, Momentum),
        OptimiserKind.Adam => new Adam(parameters, 0),
        OptimiserKind.AdamW => new Adam(parameters, 0, decay: WeightDecay),
        _ => throw new ArgumentException($"{Optimiser} is no optimiser"),
    };

    private static void Require(bool holds, string setting, string range)
    {
        if (!holds) throw new ArgumentException($"training: {setting} must be {range}");
    }
}
