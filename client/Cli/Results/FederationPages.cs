using System.Text.Json.Nodes;
using static CitySafeSense.Cli.Results.Cells;

namespace CitySafeSense.Cli.Results;

/// <summary>`simulate fl` and `simulate study`: strategies beside their controls.</summary>
internal static class FederationPages
{
    private const string Controls = "fedavg,fedavg-ft,fedala,local";
    private static readonly int[] labels = [5, 10, 20, 50];
    private static readonly string[] rules = ["mean", "krum:6", "multi-krum:6", "trimmed:0.3", "trimmed:0.3:unmixed", "median"];
    private static readonly string[] attacks = ["", "sign-flip", "label-flip", "a-little"];

    /// <summary>Accuracies of the authors' code, reference of the paper (Zhang et al., AAAI 2023), at rounds 10, 20 and 30, two shuffling seeds.</summary>
    private static readonly Dictionary<string, string> published = new()
    {
        ["fedavg"] = "72.7 / 72.8, 79.4 / 79.0, 82.0 / 81.7",
        ["fedala"] = "96.1 / 96.1, 96.9 / 96.9, 97.2 / 97.2",
        ["local"] = "96.9 / 96.9, 97.3 / 97.2, 97.6 / 97.5",
        ["fedavg-ft"] = "96.1, 96.8, 96.9",
    };

    public static ResultPage Strategies { get; } = new(
        "strategies", "Strategies on real recordings",
        "UCI HAPT, one client a person, 6 activities; the last segment of every recording and class is held out. 20 rounds of one local epoch. \"On receipt\" is the model that a client answers with between rounds.",
        [
            "simulate fl --data DATA/hapt_50hz.npz --rounds 20 --seed 1 --strategy fedavg,fedavg-ft,fedprox,scaffold,fedavgm,fedadam,fedyogi,ditto,fedala,fedala-channel,local,central --json",
            "simulate fl --data DATA/hapt_50hz.npz --rounds 20 --seed 1 --strategy fedavg --permute-labels --judge on-receipt --json",
        ],
        answers => [new ResultTable(
            ["strategy", "on receipt, %", "after one local epoch, %", "macro-F1", "worst person, %"],
            [.. Runs(answers[0]).Select(r => new[] { $"{r["strategy"]}", Percent(Final(r)["accuracy"]), Percent(Final(r)["trained"]!["accuracy"]), Number(Final(r)["macro_f1"]), Percent(Final(r)["worst_client"]) })])],
        answers => $"FedAvg {Accuracy(answers[0], "fedavg")} %, then one local epoch {Accuracy(answers[0], "fedavg-ft")}, FedALA {Accuracy(answers[0], "fedala")}, by channel {Accuracy(answers[0], "fedala-channel")}, FedYogi {Accuracy(answers[0], "fedyogi")}, "
            + $"own data only {Accuracy(answers[0], "local")}, all data in one place {Accuracy(answers[0], "central")}; with permuted training labels {Accuracy(answers[1], "fedavg")}.");

    public static ResultPage PublishedReference { get; } = new(
        "published-reference", "The published reference of FedALA",
        "FedALA's split of MNIST, 20 clients, 30 rounds from the weights that the reference run started from; accuracy on receipt at rounds 10, 20 and 30, in percent, beside the authors' code with two shuffling seeds.",
        [$"simulate fl --data DATA/mnist_dir01_20clients.npz --model mlp --init DATA/mnist_mlp_init.npz --rounds 30 --seed 0 --judge on-receipt --strategy {Controls} --json"],
        answers => [new ResultTable(["strategy", "ours", "authors' code", "kept by a client, bytes"], [.. Runs(answers[0]).Select(r => new[] { $"{r["strategy"]}", AtRounds(r), published[$"{r["strategy"]}"], $"{r["kept_bytes_per_client"]}" })])],
        answers => $"FedALA {AtRounds(Run(answers[0], "fedala"))} % at rounds 10, 20 and 30 (authors' code 96.1, 96.9, 97.2); local only {AtRounds(Run(answers[0], "local"))}.");

    public static ResultPage FewLabels { get; } = new(
        "few-labels", "Few labels",
        "UCI HAPT: 17 people train with so many labelled windows each, 4 never do, others in each of 12 runs; 60 rounds of 5 epochs. Accuracies in percent; differences in points with 95 % bootstrap intervals over people.",
        ["simulate study --data DATA/hapt_50hz.npz --labelled 5,10,20,50 --runs 12 --seed 1 --json", "simulate study --data DATA/hapt_50hz.npz --labelled 20 --runs 12 --seed 1 --turn-sensors --json"],
        answers => [new ResultTable(
            ["labels", "local", "FedAvg", "fedavg-ft", "FedALA", "newcomers: FedAvg", "fedavg-ft", "FedALA", "FedALA - local", "FedALA - FedAvg", "FedALA - fedavg-ft"],
            [.. answers[0]["labelled"]!.AsArray().Select(part => Study(part!, "")), Study(answers[1]["labelled"]![0]!, ", sensors turned")])],
        answers => $"with {labels[0]} labelled windows a person FedALA leads own data by {Points(Difference(answers[0]["labelled"]![0]!, "local"))} points, with {labels[^1]} by {Points(Difference(answers[0]["labelled"]![labels.Length - 1]!, "local"))}; "
            + $"where every sensor is turned another way by {Points(Difference(answers[1]["labelled"]![0]!, "local"))}.");

    public static ResultPage ByzantineClients { get; } = new(
        "byzantine-clients", "Byzantine clients",
        "UCI HAPT, 20 people of 180 labelled windows, 20 rounds of FedAvg; 6 of the people attack: they send their update times -10 (sign-flip), train on other labels (label-flip) or shift the mean by a little of its deviation (a-little). Accuracy in percent, seeds 1 and 2.",
        [.. from rule in rules from attack in attacks from seed in new[] { 1, 2 } select $"simulate fl --data DATA/hapt_50hz.npz --clients 20 --labelled 180 --rounds 20 --seed {seed} --judge nothing --strategy fedavg --aggregation {rule}{(attack.Length == 0 ? "" : $" --malicious 0.3:{attack}")} --json"],
        answers => [new ResultTable(["aggregation", "no attack", .. attacks[1..]], [.. rules.Select((rule, r) => new[] { rule }.Concat(attacks.Select((_, a) => Seeds(answers, r, a))).ToArray())])],
        answers => $"under sign-flip the mean falls from {Seeds(answers, 0, 0)} % to {Seeds(answers, 0, 1)}; Multi-Krum keeps {Seeds(answers, 2, 1)}, the trimmed mean {Seeds(answers, 3, 1)}.");

    private static IEnumerable<JsonNode> Runs(JsonNode answer) => answer["runs"]!.AsArray().Select(r => r!);

    private static JsonNode Run(JsonNode answer, string strategy) => Runs(answer).Single(r => (string)r["strategy"]! == strategy);

    private static JsonNode Final(JsonNode run) => run["final"]!;

    private static string Accuracy(JsonNode answer, string strategy) => Percent(Final(Run(answer, strategy))["accuracy"]);

    private static string AtRounds(JsonNode run) => string.Join(", ", new[] { 10, 20, 30 }.Select(round => Percent(run["rounds"]![round - 1]!["accuracy"])));

    private static string Seeds(IReadOnlyList<JsonNode> answers, int rule, int attack) =>
        string.Join(" / ", new[] { 0, 1 }.Select(seed => Accuracy(answers[(rule * attacks.Length + attack) * 2 + seed], "fedavg")));

    private static IReadOnlyList<string> Study(JsonNode part, string note) =>
    [
        $"{part["labels"]}{note}",
        .. new[] { "local", "fedavg", "fedavg-ft", "fedala" }.Select(s => Percent(part["accuracy"]![s])),
        .. new[] { "fedavg", "fedavg-ft", "fedala" }.Select(s => Percent(part["newcomers_accuracy"]![s])),
        .. new[] { "local", "fedavg", "fedavg-ft" }.Select(s => Points(Difference(part, s))),
    ];

    private static JsonNode Difference(JsonNode part, string second) => part["differences"]!.AsArray().Single(d => (string)d!["first"]! == "fedala" && (string)d["second"]! == second)!;
}
