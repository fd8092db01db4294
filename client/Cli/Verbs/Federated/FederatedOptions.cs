using System.Globalization;
using CitySafeSense.Cli.Models;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing.Recordings;

namespace CitySafeSense.Cli.Verbs.Federated;

/// <summary>The options of federated experiments: what they are called, and what they become.</summary>
internal sealed class FederatedOptions
{
    private readonly Option<FileInfo> data = Paths.Input("--data", "Recordings (.npz; one client a person), or X, y and client of anything (.npz, or a folder of .npy). Without it, people are simulated.");
    private readonly Option<string> model = new("--model") { Description = $"{string.Join(", ", ModelCatalogue.All.Select(f => f.Name))}. Default: tcn for windows, mlp for anything else." };
    private readonly Option<string[]> settings = new("--set") { Description = "A setting of the model, key=value; again for another.", DefaultValueFactory = _ => [] };
    private readonly Option<FileInfo> init = Paths.Input("--init", "Weights to begin with (.npz, arrays as PyTorch has them).");
    private readonly Option<int> rounds = new("--rounds") { Description = "Federated rounds.", DefaultValueFactory = _ => 20 };
    private readonly Option<int?> clients = new("--clients") { Description = "Simulated people (30), clients to deal rows to with --partition (30), or of the data's clients so many, drawn by the seed (all)." };
    private readonly Option<int> windows = new("--windows") { Description = "Windows of each simulated person; the last quarter is held out.", DefaultValueFactory = _ => 80 };
    private readonly Option<double> sample = new("--sample") { Description = "Share of the clients in a round; with fedbuff those that train at the same time, a third of whom fill the buffer.", DefaultValueFactory = _ => 1 };
    private readonly Option<double> dropout = new("--dropout") { Description = "Share of those invited that is never heard of again.", DefaultValueFactory = _ => 0 };
    private readonly Option<string> partition = new("--partition") { Description = $"Whose a row is: {Partition.Names}.", DefaultValueFactory = _ => "person" };
    private readonly Option<string> labels = new("--labels") { Description = "Labels that clients know: all, none, weak (a rule on satellite speed) or prompt:P (a share of them).", DefaultValueFactory = _ => "all" };
    private readonly Option<int> labelled = new("--labelled") { Description = "Labelled rows a client has, of all classes alike; 0 is all.", DefaultValueFactory = _ => 0 };
    private readonly Option<int> newcomers = new("--newcomers") { Description = "Clients who never train and are judged all the same.", DefaultValueFactory = _ => 0 };
    private readonly Option<int> fold = new("--fold") { Description = "Which clients those are: the next ones in the seed's order.", DefaultValueFactory = _ => 0 };
    private readonly Option<bool> turn = new("--turn-sensors") { Description = "Turn every person's sensor in a way of its own: something to learn for oneself." };
    private readonly Option<bool> permute = new("--permute-labels") { Description = "Shuffle every client's training labels: what is left is chance." };
    private readonly Option<int> workers = new("--workers") { Description = "Threads that train; the numbers do not depend on it.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<int> epochs = new("--epochs") { Description = "Local epochs a round.", DefaultValueFactory = _ => 1 };
    private readonly Option<int?> batch = new("--batch") { Description = "Rows in a batch. Default: 16 for windows, 10 for anything else." };
    private readonly Option<string> optimiser = new("--optimiser") { Description = "Of the local steps: sgd or adam.", DefaultValueFactory = _ => "sgd" };
    private readonly Option<double?> rate = new("--learning-rate") { Description = "Of the local steps. Default: 0.05 for windows, 0.005 for anything else." };
    private readonly Option<double?> momentum = new("--momentum") { Description = "Of the local steps. Default: 0.9 for windows, 0 for anything else." };
    private readonly Option<double> proximal = new("--proximal") { Description = "How strongly fedprox and ditto hold on to what was received.", DefaultValueFactory = _ => 0.1 };
    private readonly Option<double> serverRate = new("--server-rate") { Description = "How far the server goes; 0 is its optimiser's own.", DefaultValueFactory = _ => 0 };
    private readonly Option<string> aggregation = new("--aggregation") { Description = $"{AggregationRule.Names}.", DefaultValueFactory = _ => "mean" };
    private readonly Option<double> clip = new("--clip") { Description = "The longest update that is taken as it is.", DefaultValueFactory = _ => 50 };
    private readonly Option<string> codec = new("--codec") { Description = $"How updates travel: {UpdateCodec.Names}.", DefaultValueFactory = _ => "none" };
    private readonly Option<string> dp = new("--dp") { Description = "Private rounds: EPSILON:NOISE, the budget and the noise over --clip; every client joins with the probability --sample. With \":adapt\" the clip bound adapts." };
    private readonly Option<double> delta = new("--delta") { Description = "Of --dp.", DefaultValueFactory = _ => 1e-6 };
    private readonly Option<bool> secagg = new("--secagg") { Description = "Sum updates under masks, in shards of at least 32, so that nobody sees a single one." };
    private readonly Option<string> malicious = new("--malicious") { Description = $"SHARE:LIE, clients who lie: {Liars.Lies}." };
    private readonly Option<Judging> judge = Choice.Option("--judge", "After every round: nothing, on-receipt (faster), or after-training too.", Judging.AfterTraining);
    private readonly Option<DirectoryInfo> resume = new("--resume") { Description = "Folder that holds the experiment as it goes; it is begun there, or gone on with where it was interrupted." };
    private readonly Option<ulong> seed = Output.SeedOption();

    public void AddTo(Command command)
    {
        Option[] all =
        [
            data, model, settings, init, rounds, clients, windows, sample, dropout, partition, labels, labelled, newcomers, fold, turn, permute, workers, epochs, batch, optimiser, rate, momentum,
            proximal, serverRate, aggregation, clip, codec, dp, delta, secagg, malicious, judge, resume, seed,
        ];
        foreach (var option in all) command.Add(option);
    }

    /// <exception cref="ArgumentException">An option is out of range, or does not go with another.</exception>
    public (FederatedData Data, ExperimentPopulation Population, ExperimentOptions Options) Read(ParseResult parse)
    {
        Require(parse.GetValue(rounds) is >= 1 and <= 10_000, "--rounds must be 1 to 10000");
        Require(parse.GetValue(clients) is null or >= 2 and <= 10_000, "--clients must be 2 to 10000");
        Require(parse.GetValue(windows) is >= 12 and <= 1024, "--windows must be 12 to 1024");
        Require(parse.GetValue(workers) is >= 1 and <= 256, "--workers must be 1 to 256");
        Require(parse.GetValue(sample) is > 0 and <= 1, "--sample must be above 0 and up to 1");
        Require(parse.GetValue(dropout) is >= 0 and < 1, "--dropout must be 0 to below 1");
        Require(parse.GetValue(labels) is "all" or "none" or "weak" || parse.GetValue(labels)!.StartsWith("prompt:", StringComparison.Ordinal), "--labels must be all, none, weak or prompt:P");
        Require(parse.GetValue(labelled) is >= 0 and <= 100_000 && parse.GetValue(newcomers) is >= 0 and <= 10_000 && parse.GetValue(fold) is >= 0 and <= 10_000, "--labelled must be 0 to 100000, --newcomers and --fold 0 to 10000");
        _ = Partition.Parse(parse.GetValue(partition)!);
        _ = AggregationRule.Parse(parse.GetValue(aggregation)!);
        _ = UpdateCodec.Parse(parse.GetValue(codec)!);
        var privacy = Privacy(parse);
        var source = new FederatedData
        {
            Seed = parse.GetValue(seed),
            File = parse.GetValue(data),
            Model = parse.GetValue(model),
            Settings = string.Join(' ', TrainedModel.Settings(parse.GetValue(settings)!).Select(s => $"{s.Key}={s.Value}")),
            Clients = parse.GetValue(clients),
            Windows = parse.GetValue(windows),
            Labelled = parse.GetValue(labelled),
            Labels = parse.GetValue(labels)!,
            Partition = parse.GetValue(partition)!,
            PermuteLabels = parse.GetValue(permute),
            TurnSensors = parse.GetValue(turn),
            Newcomers = parse.GetValue(newcomers),
            Fold = parse.GetValue(fold),
        };
        var population = source.Load();
        var liars = LiarsOf(parse.GetValue(malicious), population.Clients, source.Seed);
        if (liars is { Lie: Lie.LabelFlip }) population = (source = source with { LabelFlippers = liars.Names }).Load();
        Require(liars is null or { Lie: Lie.LabelFlip } || !parse.GetValue(secagg), "--malicious and --secagg: these lies are put in where single updates come in, and with --secagg none does; label-flip goes together");
        var defaults = source.AreWindows ? new LocalTrainingOptions() : new LocalTrainingOptions { LearningRate = 0.005, BatchSize = 10, Momentum = 0, GradientNormMax = 1e9, IncompleteBatch = IncompleteBatch.Drop };
        var training = defaults with
        {
            Epochs = parse.GetValue(epochs),
            BatchSize = parse.GetValue(batch) ?? defaults.BatchSize,
            Optimiser = RoundTermsMapping.OptimiserNamed(parse.GetValue(optimiser)!),
            LearningRate = parse.GetValue(rate) ?? defaults.LearningRate,
            Momentum = parse.GetValue(momentum) ?? defaults.Momentum,
        };
        training.Validate();
        return (source, population, new ExperimentOptions
        {
            Rounds = parse.GetValue(rounds),
            Seed = source.Seed,
            Workers = parse.GetValue(workers),
            Training = training,
            Sample = parse.GetValue(sample),
            Dropout = parse.GetValue(dropout),
            Aggregation = parse.GetValue(aggregation)!,
            Codec = parse.GetValue(codec)!,
            ProximalWeight = parse.GetValue(proximal),
            ServerRate = parse.GetValue(serverRate),
            UpdateNormMax = parse.GetValue(clip),
            Privacy = privacy,
            Liars = liars,
            Judging = parse.GetValue(judge),
            StateFolder = parse.GetValue(resume)?.FullName,
            SecureSum = parse.GetValue(secagg) ? new SecureSumTerms(new SecureSumRule().Threshold) : null,
            Start = parse.GetValue(init) is { } file ? StartOf(file, population.Spec) : null,
        });
    }

    private PrivacyTerms? Privacy(ParseResult parse) => parse.GetValue(dp) is { } text && PrivacyBudget.Parse(text) is var budget
        ? new PrivacyTerms(budget.NoiseMultiplier, parse.GetValue(sample), parse.GetValue(delta), budget.Epsilon, budget.AdaptsClipping) : null;

    private static Liars? LiarsOf(string? text, IReadOnlyList<string> clients, ulong seed)
    {
        if (text is null) return null;
        if (text.Split(':') is not [var share, var lie] || !double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out var part) || part is not (> 0 and < 1))
            throw new ArgumentException($"--malicious {text}: SHARE:LIE is needed, such as 0.3:sign-flip; lies are {Liars.Lies}");
        var drawn = clients.ToArray();
        Rng.For(seed, "liars").Shuffle<string>(drawn);
        return new Liars(Liars.Parse(lie), drawn.Take((int)Math.Round(part * drawn.Length)).ToHashSet());
    }

    private static ParameterVector StartOf(FileInfo file, ModelSpec spec)
    {
        using var stream = file.OpenRead();
        using var archive = new NpzArchive(stream, file.Name);
        var arrays = archive.Names.ToDictionary(n => n, n =>
        {
            var array = archive.Read(n);
            return (array.Shape, array.AsDouble().Select(v => (float)v).ToArray());
        });
        try
        {
            return new ParameterVector(WeightImport.Of(new ModelRuntime(spec).Model.Layout, arrays));
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{file.Name}: {e.Message}", e);
        }
    }

    private static void Require(bool holds, string rule)
    {
        if (!holds) throw new ArgumentException(rule);
    }
}
