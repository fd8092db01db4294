using System.Globalization;
using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;
using CitySafeSense.Sensing.Recordings;

namespace CitySafeSense.Cli.Verbs.Federated;

/// <summary>Whose examples an experiment is about, and what is done to them before it starts.</summary>
internal sealed record FederatedData
{
    private const int UsualClients = 30;

    public required ulong Seed { get; init; }

    /// <summary>What decides who people are and in which order they are newcomers, where that is not the seed: it stays while seeds of a study go on.</summary>
    public ulong? PeopleSeed { get; init; }
    public FileInfo? File { get; init; }
    public string? Model { get; init; }
    public string Settings { get; init; } = "";
    public int? Clients { get; init; }
    public int Windows { get; init; } = 80;

    /// <summary>Labelled rows that every client is left with, of all its classes alike; 0 leaves them all.</summary>
    public int Labelled { get; init; }

    /// <summary>Labels that are known: all, none, weak or prompt:P.</summary>
    public string Labels { get; init; } = "all";

    public string Partition { get; init; } = "person";
    public bool PermuteLabels { get; init; }

    /// <summary>Whether every person's sensor is turned in a way of its own.</summary>
    public bool TurnSensors { get; init; }

    /// <summary>How many clients never train, and from where on in the order that the seed makes of them.</summary>
    public int Newcomers { get; init; }
    public int Fold { get; init; }

    /// <summary>A share of the clients turns its labels round.</summary>
    public IReadOnlySet<string> LabelFlippers { get; init; } = new HashSet<string>();

    public string Source => File?.Name ?? "simulated";

    /// <summary>Whether rows are windows of people, not numbers of any kind.</summary>
    public bool AreWindows { get; private set; } = true;

    public ExperimentPopulation Load()
    {
        if (File is { } file)
        {
            using var archive = NpzArchive.Open(file.FullName);
            if (ClientArchive.Is(archive)) return FromRows(ClientArchive.Read(archive));
            return FromPeople([.. ActivitySegments.Split(ImuRecordings.Read(archive), [1, 2, 3, 4, 5, 6]).Select(p => new ExperimentClient($"person-{p.Person:D2}", p.Training, p.Test))], 6);
        }
        return FromPeople([.. Enumerable.Range(0, Clients ?? UsualClients).Select(c =>
        {
            (SensorWindow, int)[] drawn = [.. SyntheticPeople.Draw(PeopleSeed ?? Seed, c, Windows).Select(w => (w.Window, (int)w.Label))];
            var split = Windows - Windows / 4;
            return new ExperimentClient($"person-{c:D4}", drawn[..split], drawn[split..]);
        })], ActivityClasses.Count);
    }

    private ExperimentPopulation FromPeople(ExperimentClient[] people, int classes)
    {
        if (File is not null && Partition == "person") people = Drawn(people, p => p.Name);
        if (TurnSensors) people = [.. people.Select(Turned)];
        if (Labels == "weak") people = [.. people.Select(p => p with { Training = [.. p.Training.Select(w => (w.Window, Label: WeakLabel.Of(w.Window))).Where(w => w.Label is not null).Select(w => (w.Window, (int)w.Label!))] })];
        var isPlain = (Model is null or "tcn") && Settings == "" && Labelled == 0 && Newcomers == 0 && Partition == "person" && LabelFlippers.Count == 0 && Labels is "all";
        if (isPlain) return new WindowPopulation(PermuteLabels ? [.. people.Select(Permuted)] : people, classes);
        var newcomers = Held([.. people.Select(p => p.Name)]);
        var scaling = ChannelScaling.Fit(WindowSchema.Default, people.Where(p => !newcomers.Contains(p.Name)).SelectMany(p => p.Training).Select(w => w.Window));
        var length = WindowSchema.Default.NetworkChannels * WindowSchema.Default.Samples;
        var spec = new ModelSpec(Model ?? "tcn", WindowSchema.Default.NetworkChannels, WindowSchema.Default.Samples, classes, [], [], 1, Settings);
        return Prepared(spec, length, [.. people.Select(p => (p.Name, Rows(p.Training), Rows(p.Test)))]);

        Examples Rows(IReadOnlyList<(SensorWindow Window, int Label)> windows)
        {
            var inputs = new float[windows.Count * length];
            for (var i = 0; i < windows.Count; i++) NetworkInput.Write(windows[i].Window, scaling, inputs.AsSpan(i * length, length));
            return new Examples(inputs, [.. windows.Select(w => w.Label)], length);
        }

        ExperimentClient Turned(ExperimentClient person)
        {
            var rotation = SensorRotation.Random(Rng.For(PeopleSeed ?? Seed, "turn", person.Name));
            return person with { Training = [.. person.Training.Select(w => (rotation.Turn(w.Window), w.Label))], Test = [.. person.Test.Select(w => (rotation.Turn(w.Window), w.Label))] };
        }

        ExperimentClient Permuted(ExperimentClient person)
        {
            int[] labels = [.. person.Training.Select(w => w.Label)];
            Rng.For(Seed, "permute", person.Name).Shuffle<int>(labels);
            return person with { Training = [.. person.Training.Select((w, i) => (w.Window, labels[i]))] };
        }
    }

    private ExamplePopulation FromRows(ClientArchive archive)
    {
        if (Labels == "weak" || TurnSensors) throw new ArgumentException("--labels weak and --turn-sensors need windows of people, not rows of numbers");
        AreWindows = false;
        var (channels, height, width) = archive.Shape.Count switch
        {
            1 => (archive.Shape[0], 1, 1),
            2 => (1, archive.Shape[0], archive.Shape[1]),
            3 => (archive.Shape[2], archive.Shape[0], archive.Shape[1]),
            _ => throw new RecordingException($"{Source}: rows of {archive.Shape.Count} dimensions are not read; 1 to 3 are"),
        };
        var spec = new ModelSpec(Model ?? "mlp", channels, width, archive.Classes, [], [], height, Settings == "" && (Model is null or "mlp") ? "hidden=100" : Settings);
        return Prepared(spec, archive.RowLength, [.. archive.Clients.Select(c => (c.Client, new Examples(c.Training, c.TrainingLabels, archive.RowLength), new Examples(c.Test, c.TestLabels, archive.RowLength)))]);
    }

    private ExamplePopulation Prepared(ModelSpec spec, int length, (string Name, Examples Training, Examples Test)[] clients)
    {
        if (Federation.Partition.Parse(Partition) is { } partition) clients = Dealt(partition, length, clients);
        else if (!AreWindows) clients = Drawn(clients, c => c.Name);
        var learners = clients.ToDictionary(c => c.Name, c => new LearnerExamples(Known(c.Name, c.Training, spec.Classes), c.Test));
        return new ExamplePopulation(spec, learners, Held([.. learners.Keys]));
    }

    /// <summary>So many of the data's clients, in the order of their names.</summary>
    private T[] Drawn<T>(T[] clients, Func<T, string> name)
    {
        if (Clients is not { } wanted) return clients;
        if (wanted > clients.Length) throw new ArgumentException($"--clients {wanted}: {Source} has {clients.Length}");
        Rng.For(Seed, "clients").Shuffle<T>(clients);
        return [.. clients.Take(wanted).OrderBy(name, StringComparer.Ordinal)];
    }

    /// <summary>What of a client's training rows has a label, and which.</summary>
    private Examples Known(string client, Examples all, int classes)
    {
        var rng = Rng.For(Seed, "labelled", client);
        var rows = Enumerable.Range(0, all.Count).ToArray();
        rng.Shuffle<int>(rows);
        if (Labelled > 0) rows = Stratified(rows, all, Labelled);
        if (Labels == "none") rows = [];
        if (Labels.StartsWith("prompt:", StringComparison.Ordinal)) rows = [.. rows.Where(_ => rng.Chance(Answered))];
        Array.Sort(rows);
        int[] labels = [.. rows.Select(all.Label)];
        if (PermuteLabels) Rng.For(Seed, "permute", client).Shuffle<int>(labels);
        if (LabelFlippers.Contains(client)) labels = [.. labels.Select(l => classes - 1 - l)];
        return new Examples([.. rows.SelectMany(r => all.Input(r).ToArray())], labels, all.InputLength);
    }

    /// <summary>Share of prompts that people answer.</summary>
    private double Answered => double.TryParse(Labels["prompt:".Length..], NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1 ? share
        : throw new ArgumentException($"--labels {Labels}: prompt:P has a share from 0 to 1");

    /// <summary>So many rows, one class after the other as long as each has any.</summary>
    private static int[] Stratified(int[] rows, Examples all, int count)
    {
        var byClass = rows.GroupBy(all.Label).OrderBy(g => g.Key).Select(g => new Queue<int>(g)).ToArray();
        var taken = new List<int>();
        while (taken.Count < count && byClass.Any(q => q.Count > 0))
            foreach (var queue in byClass)
                if (taken.Count < count && queue.TryDequeue(out var row)) taken.Add(row);
        return [.. taken];
    }

    private (string, Examples, Examples)[] Dealt(Partition partition, int length, (string Name, Examples Training, Examples Test)[] clients)
    {
        var pooled = clients.SelectMany(c => new[] { c.Training, c.Test }).SelectMany(e => Enumerable.Range(0, e.Count).Select(r => (Examples: e, Row: r))).ToArray();
        var dealt = partition.Deal([.. pooled.Select(p => p.Examples.Label(p.Row))], Clients ?? UsualClients, Rng.For(Seed, "partition"));
        return [.. dealt.Select((rows, c) =>
        {
            Rng.For(Seed, "held-out", c.ToString(CultureInfo.InvariantCulture)).Shuffle<int>(rows);
            var held = rows.Length / 4;
            return ($"client-{c:D4}", Take(rows[held..]), Take(rows[..held]));
        })];

        Examples Take(int[] rows) => new([.. rows.SelectMany(r => pooled[r].Examples.Input(pooled[r].Row).ToArray())], [.. rows.Select(r => pooled[r].Examples.Label(pooled[r].Row))], length);
    }

    private string[] Held(string[] names)
    {
        if (Newcomers == 0) return [];
        if (Newcomers >= names.Length) throw new ArgumentException($"of {names.Length} clients {Newcomers} cannot be newcomers: somebody must train");
        Array.Sort(names, StringComparer.Ordinal);
        Rng.For(PeopleSeed ?? Seed, "newcomers").Shuffle<string>(names);
        return [.. Enumerable.Range(0, Newcomers).Select(i => names[(Fold * Newcomers + i) % names.Length]).Distinct()];
    }
}
