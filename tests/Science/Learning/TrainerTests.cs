using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Learning;

public class TrainerTests
{
    private static readonly Network network = Tcn.Build(new TcnOptions(3, 16, 2, 8, 3, [1, 2], 1));
    private static readonly Examples training = Steps(60, 1), validation = Steps(30, 2);

    public static TheoryData<OptimiserKind> Optimisers => [.. Enum.GetValues<OptimiserKind>()];

    [Theory]
    [MemberData(nameof(Optimisers))]
    public void It_learns_and_keeps_the_best_weights(OptimiserKind optimiser)
    {
        var trainer = new Trainer(network, Options(optimiser, 12), 1);
        var reports = new List<EpochReport>();
        while (!trainer.IsDone) reports.Add(trainer.RunEpoch(training, validation));
        var best = reports.MinBy(r => r.ValidationLoss)!;
        Assert.True(best.ValidationLoss < 0.5 * reports[0].ValidationLoss, $"from {reports[0].ValidationLoss} to {best.ValidationLoss}");
        Assert.Equal(best.ValidationLoss, Evaluation.Of(network, trainer.Best, validation, network.CreateWorkspace()).Loss, 1e-12);
    }

    [Theory]
    [MemberData(nameof(Optimisers))]
    public void A_checkpoint_goes_on_with_the_same_bits(OptimiserKind optimiser)
    {
        var whole = new Trainer(network, Options(optimiser, 6), 3);
        for (var epoch = 0; epoch < 6; epoch++) whole.RunEpoch(training, validation);
        var first = new Trainer(network, Options(optimiser, 6), 3);
        for (var epoch = 0; epoch < 3; epoch++) first.RunEpoch(training, validation);
        var second = new Trainer(network, Options(optimiser, 6), 3);
        second.Resume(Checkpoint.FromBytes(first.Checkpoint.ToBytes(), "test"));
        for (var epoch = 3; epoch < 6; epoch++) second.RunEpoch(training, validation);
        Assert.Equal(whole.Checkpoint.ToBytes(), second.Checkpoint.ToBytes());
    }

    [Fact]
    public void Extended_training_goes_on_at_the_highest_rate_and_a_checkpoint_knows_it()
    {
        var options = Options(OptimiserKind.AdamW, 4) with { Schedule = new LearningRateSchedule.Cosine(0.01, 4) };
        var trainer = new Trainer(network, options, 1);
        while (!trainer.IsDone) trainer.RunEpoch(training, validation);
        var whole = new Trainer(network, options, 1);
        whole.Resume(Checkpoint.FromBytes(trainer.Checkpoint.ToBytes(), "test"));
        Assert.True(whole.IsDone);
        whole.ExtendTo(7);
        double[] rates = [.. Enumerable.Range(0, 3).Select(_ => whole.RunEpoch(training, validation).Rate)];
        var cycle = new LearningRateSchedule.Cosine(0.01, 3);
        Assert.Equal([cycle.RateOf(0), cycle.RateOf(1), cycle.RateOf(2)], rates);
        Assert.True(whole.IsDone);
        // Interrupted within the added epochs, it goes on with the same bits.
        var interrupted = new Trainer(network, options, 1);
        interrupted.Resume(trainer.Checkpoint);
        interrupted.ExtendTo(7);
        interrupted.RunEpoch(training, validation);
        var rest = new Trainer(network, options, 1);
        rest.Resume(Checkpoint.FromBytes(interrupted.Checkpoint.ToBytes(), "test"));
        while (!rest.IsDone) rest.RunEpoch(training, validation);
        Assert.Equal(whole.Checkpoint.ToBytes(), rest.Checkpoint.ToBytes());
        Assert.Contains("planned for 7", Assert.Throws<ArgumentException>(() => rest.ExtendTo(7)).Message);
    }

    [Fact]
    public void Training_stops_when_patience_has_ended()
    {
        var options = Options(OptimiserKind.Sgd, 50) with { Schedule = new LearningRateSchedule.Constant(0), Stopping = new EarlyStopping(3) };
        var trainer = new Trainer(network, options, 1);
        var epochs = 0;
        for (; !trainer.IsDone; epochs++) trainer.RunEpoch(training, validation);
        Assert.Equal(4, epochs); // the first is a best, three are not
    }

    [Fact]
    public void Damaged_checkpoints_are_refused_by_name()
    {
        var trainer = new Trainer(network, Options(OptimiserKind.Adam, 2), 1);
        trainer.RunEpoch(training, validation);
        var bytes = trainer.Checkpoint.ToBytes();
        string Refusal(byte[] damaged) => Assert.Throws<InvalidDataException>(() => Checkpoint.FromBytes(damaged, "x.bin")).Message;
        Assert.Contains("x.bin is no checkpoint", Refusal([]));
        Assert.Contains("x.bin is no checkpoint", Refusal([.. "something else entirely, but long enough to look like one"u8]));
        for (var i = 8; i < bytes.Length; i += 97)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[i] ^= 16;
            Assert.Contains("damaged", Refusal(flipped));
            Assert.NotEmpty(Refusal(bytes[..i]));
        }
        // A good check sum over nonsense: lengths that lie.
        byte[] body = [.. "CSSCKPT2"u8, 3, .. "tcn"u8, .. new byte[8], 1, 0, 0, 0, 9, 0, 0, 0, .. new byte[16], 255, 255, 255, 127];
        Assert.Contains("ends too early", Refusal([.. body, .. System.Security.Cryptography.SHA256.HashData(body)]));
        var other = Tcn.Build(new TcnOptions(3, 16, 2, 8, 3, [2, 1], 1)); // as many parameters
        string Resumed(Network network, OptimiserKind optimiser, ulong seed) => Assert.Throws<ArgumentException>(() => new Trainer(network, Options(optimiser, 2), seed).Resume(trainer.Checkpoint)).Message;
        Assert.Contains("seed 2", Resumed(network, OptimiserKind.Adam, 2));
        Assert.Contains(other.Fingerprint, Resumed(other, OptimiserKind.Adam, 1));
        Assert.Contains("AdamW", Resumed(network, OptimiserKind.AdamW, 1));
    }

    [Fact]
    public void Schedules_are_as_they_are_written()
    {
        Assert.Equal([0.1, 0.1, 0.01, 0.01, 0.001], Enumerable.Range(0, 5).Select(e => Math.Round(new LearningRateSchedule.Steps(0.1, 0.1, 2).RateOf(e), 12)));
        var cosine = new LearningRateSchedule.Cosine(1, 10, 2);
        Assert.Equal(1 / 3.0, cosine.RateOf(0), 1e-12);
        Assert.Equal(1, cosine.RateOf(2), 1e-12);
        Assert.Equal(0.5, cosine.RateOf(6), 1e-12);
        Assert.Equal(0, cosine.RateOf(10), 1e-12);
        Assert.Contains("learning rate", Assert.Throws<ArgumentException>(() => new Trainer(network, Options(OptimiserKind.Sgd, 3) with { Schedule = new LearningRateSchedule.Constant(11) }, 1)).Message);
    }

    [Fact]
    public void Models_are_found_by_name_and_refuse_settings_they_do_not_have()
    {
        foreach (var family in ModelCatalogue.All)
        {
            var shape = family.Name.EndsWith("autoencoder", StringComparison.Ordinal) ? new Shape(3, 32, 32) : new Shape(14, 1, 100);
            var built = family.Build(new ModelRequest(shape, 7, new Dictionary<string, string>()));
            Assert.Equal(shape.Length, built.InputLength);
            Assert.Equal(built.Layout.Length, ArchitectureSummary.Of(built).Parameters);
            Assert.Contains($"{built.Layout.Length} parameters", ArchitectureSummary.Of(built).ToString());
            Assert.Contains("no setting \"colour\"", Assert.Throws<ArgumentException>(() => family.Build(new ModelRequest(shape, 7, new Dictionary<string, string> { ["colour"] = "red" }))).Message);
        }
        var tcn = ModelCatalogue.Named("tcn").Build(new ModelRequest(new Shape(14, 1, 100), 7, new Dictionary<string, string> { ["width"] = "32", ["dilations"] = "1+2+4" }));
        Assert.Equal(Tcn.Build(new TcnOptions(14, 100, 7, 32, 3, [1, 2, 4], 1)).Layout.Length, tcn.Layout.Length);
        Assert.Contains("there is tcn, mlp", Assert.Throws<ArgumentException>(() => ModelCatalogue.Named("lstm")).Message);
    }

    private static TrainingOptions Options(OptimiserKind optimiser, int epochs) => new()
    {
        Epochs = epochs,
        BatchSize = 8,
        Optimiser = optimiser,
        Schedule = new LearningRateSchedule.Constant(optimiser == OptimiserKind.Sgd ? 0.05 : 0.01),
    };

    /// <summary>A step up or a step down somewhere in noise.</summary>
    private static Examples Steps(int rows, ulong seed)
    {
        var rng = new Rng(seed);
        var inputs = new float[rows * 48];
        for (var row = 0; row < rows; row++)
            for (var i = 0; i < 48; i++)
                inputs[row * 48 + i] = (float)rng.Gaussian(0, 0.3) + (i % 16 >= 8 == (row % 2 == 0) ? 1 : 0);
        return new Examples(inputs, [.. Enumerable.Range(0, rows).Select(row => row % 2)], 48);
    }
}
