using CitySafeSense.Cli.Terminal;
using CitySafeSense.Wire;

namespace CitySafeSense.Cli.Verbs;

/// <summary>What can be decided about a round of a silo; what is left out takes the silo's default.</summary>
internal sealed class RoundOptions
{
    private readonly Option<string> strategy = new("--strategy")
    {
        Description = $"{string.Join(", ", Federation.Strategy.All.Select(s => s.Name))}.",
        DefaultValueFactory = _ => "fedavg",
    };

    private readonly Option<int> goal = new("--goal") { Description = "Reports that complete the round.", Required = true };
    private readonly Option<double?> overSelection = new("--over-selection") { Description = "Invitations for each report needed, 1 to 3: some always drop out." };
    private readonly Option<double?> deadline = new("--deadline-seconds") { Description = "How long reports are waited for." };
    private readonly Option<int?> epochs = new("--epochs") { Description = "Local epochs." };
    private readonly Option<int?> batch = new("--batch") { Description = "Windows in a batch." };
    private readonly Option<string> optimiser = new("--optimiser") { Description = "Of the local steps: sgd or adam." };
    private readonly Option<double?> rate = new("--learning-rate") { Description = "Of the local steps." };
    private readonly Option<double?> proximal = new("--proximal") { Description = "How strongly fedprox and ditto hold on to what was received." };
    private readonly Option<double?> serverRate = new("--server-rate") { Description = "How far the server goes; 0 is its optimiser's own." };
    private readonly Option<string> aggregation = new("--aggregation") { Description = $"What updates become: {Federation.AggregationRule.Names}." };
    private readonly Option<double?> clip = new("--clip") { Description = "The longest update that is taken as it is." };
    private readonly Option<string> codec = new("--codec") { Description = $"How updates travel: {Federation.UpdateCodec.Names}." };
    private readonly Option<string> dp = new("--dp") { Description = "A private round: EPSILON:NOISE, the budget of all rounds together and the noise over --clip; with \":adapt\" the clip bound adapts." };
    private readonly Option<double> sample = new("--sample") { Description = "Of --dp: with which probability each device joins.", DefaultValueFactory = _ => 1 };
    private readonly Option<double> delta = new("--delta") { Description = "Of --dp.", DefaultValueFactory = _ => 1e-6 };
    private readonly Option<bool> secagg = new("--secagg") { Description = "Sum updates under masks, in shards of at least 32: nobody sees a single one." };
    private readonly Option<ulong> seed = Output.SeedOption();

    public void AddTo(Command command)
    {
        Option[] all = [strategy, goal, overSelection, deadline, epochs, batch, optimiser, rate, proximal, serverRate, aggregation, clip, codec, dp, sample, delta, secagg, seed];
        foreach (var option in all) command.Add(option);
    }

    /// <exception cref="ArgumentException">An option does not say what it should; ranges are the silo's to check.</exception>
    public StartRound Read(ParseResult parse) => new(
        parse.GetValue(strategy)!, parse.GetValue(goal), parse.GetValue(seed), parse.GetValue(overSelection), parse.GetValue(deadline), parse.GetValue(epochs), parse.GetValue(batch),
        parse.GetValue(optimiser), parse.GetValue(rate), parse.GetValue(aggregation), parse.GetValue(codec), parse.GetValue(proximal), parse.GetValue(serverRate), parse.GetValue(clip),
        parse.GetValue(dp) is { } text && PrivacyBudget.Parse(text) is var budget
            ? new PrivateRounds(budget.NoiseMultiplier, parse.GetValue(sample), parse.GetValue(delta), budget.Epsilon, budget.AdaptsClipping) : null,
        parse.GetValue(secagg));
}
