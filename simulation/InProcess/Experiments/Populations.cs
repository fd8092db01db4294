using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Grains;
using CitySafeSense.Learning;
using CitySafeSense.Sensing;
using Orleans;

namespace CitySafeSense.InProcess;

/// <summary>The clients of an experiment: what the model is, and how they come into the cluster.</summary>
public abstract record ExperimentPopulation(IReadOnlyList<string> Clients, ModelSpec Spec) : IExampleSource
{
    /// <summary>Clients who never train, and are judged all the same.</summary>
    public IReadOnlyList<string> Newcomers { get; init; } = [];

    /// <summary>Whose models are judged, besides newcomers; those who train.</summary>
    public IReadOnlyList<string> Judged { get; init; } = Clients;

    public IReadOnlyList<string> Everybody => [.. Clients, .. Newcomers];

    public abstract Examples Training(string client);

    public abstract Examples HeldOut(string client);

    /// <summary>Whether a client has enough to take part in rounds; others are judged all the same.</summary>
    public virtual bool CanLearn(string client) => Training(client).Count > 0;

    /// <summary>Brings in everybody, and those who train into the rounds of a population.</summary>
    internal abstract Task Enter(IGrainFactory grains, string population);

    internal abstract IFederatedClient Client(IGrainFactory grains, string client);
}

/// <summary>One person of recordings or of a simulation: windows to learn from and to be judged by.</summary>
public sealed record ExperimentClient(string Name, IReadOnlyList<(SensorWindow Window, int Label)> Training, IReadOnlyList<(SensorWindow Window, int Label)> Test);

/// <summary>People with windows: they come in as devices, and their windows as frames, as they do in a silo.</summary>
public sealed record WindowPopulation : ExperimentPopulation
{
    private readonly Dictionary<string, ExperimentClient> people;
    private readonly Dictionary<string, Examples> heldOut;
    private readonly ModelRuntime runtime;

    public WindowPopulation(IReadOnlyList<ExperimentClient> people, int classes)
        : base([.. people.Select(p => p.Name)], ModelRuntime.SpecFor(classes, ChannelScaling.Fit(WindowSchema.Default, people.SelectMany(p => p.Training).Select(w => w.Window))))
    {
        this.people = people.ToDictionary(p => p.Name);
        runtime = new ModelRuntime(Spec);
        heldOut = people.ToDictionary(p => p.Name, p => runtime.Examples(p.Test));
    }

    public override Examples Training(string client) => runtime.Examples(people[client].Training);

    public override Examples HeldOut(string client) => heldOut[client];

    public override bool CanLearn(string client) => people[client].Training.Count >= Limits.WindowsToTakePart;

    internal override async Task Enter(IGrainFactory grains, string population)
    {
        foreach (var person in people.Values)
        {
            var device = grains.GetGrain<IDeviceGrain>(person.Name);
            for (var i = 0; i < person.Training.Count; i++)
            {
                var (window, label) = person.Training[i];
                await device.Ingest([.. WindowFrame.Encode(new WindowHeader(person.Name, 1, (ulong)i, 0, 0, 0, (byte)label), window)]);
            }
        }
    }

    internal override IFederatedClient Client(IGrainFactory grains, string client) => grains.GetGrain<IDeviceGrain>(client);
}

/// <summary>What one learner has.</summary>
public sealed record LearnerExamples(Examples Training, Examples HeldOut);

/// <summary>Learners with examples of any kind.</summary>
public sealed record ExamplePopulation : ExperimentPopulation
{
    private readonly IReadOnlyDictionary<string, LearnerExamples> learners;

    /// <param name="newcomers">Names of learners who never train.</param>
    public ExamplePopulation(ModelSpec spec, IReadOnlyDictionary<string, LearnerExamples> learners, IReadOnlyCollection<string>? newcomers = null)
        : base([.. learners.Keys.Where(n => newcomers?.Contains(n) != true).Order(StringComparer.Ordinal)], spec with { Input = LearningInput.Examples })
    {
        this.learners = learners;
        Newcomers = [.. (newcomers ?? []).Order(StringComparer.Ordinal)];
    }

    public override Examples Training(string client) => learners[client].Training;

    public override Examples HeldOut(string client) => learners[client].HeldOut;

    internal override async Task Enter(IGrainFactory grains, string population)
    {
        foreach (var client in Clients) await grains.GetGrain<ILearnerGrain>(client).Join(population);
    }

    internal override IFederatedClient Client(IGrainFactory grains, string client) => grains.GetGrain<ILearnerGrain>(client);
}

/// <summary>The control that federation replaces: one learner has everybody's examples, and everybody is judged by what it learns.</summary>
public sealed record PooledPopulation : ExperimentPopulation
{
    private const string Pool = "everybody";
    private readonly ExperimentPopulation people;
    private readonly Examples pooled;

    public PooledPopulation(ExperimentPopulation people)
        : base([Pool], people.Spec with { Input = LearningInput.Examples })
    {
        this.people = people;
        Judged = people.Clients;
        Newcomers = people.Newcomers;
        Examples[] parts = [.. people.Clients.Select(people.Training)];
        pooled = new Examples(
            [.. parts.SelectMany(p => Enumerable.Range(0, p.Count).SelectMany(r => p.Input(r).ToArray()))], [.. parts.SelectMany(p => Enumerable.Range(0, p.Count).Select(p.Label))], parts[0].InputLength);
    }

    public override Examples Training(string client) => client == Pool ? pooled : new Examples([], [], pooled.InputLength);

    public override Examples HeldOut(string client) => people.HeldOut(client);

    internal override Task Enter(IGrainFactory grains, string population) => grains.GetGrain<ILearnerGrain>(Pool).Join(population);

    internal override IFederatedClient Client(IGrainFactory grains, string client) => grains.GetGrain<ILearnerGrain>(client);
}
