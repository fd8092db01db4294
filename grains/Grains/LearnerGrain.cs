using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Privacy;

namespace CitySafeSense.Grains;

/// <summary>A client with examples of its own: `{client}`. Takes part in rounds as a device does, without windows or cells.</summary>
public sealed class LearnerGrain : Grain, ILearnerGrain
{
    private readonly IExampleSource examples;
    private readonly Participation participation;

    public LearnerGrain([PersistentState("learner", "devices")] IPersistentState<DeviceState> state, IBlobStore blobs, IComputePool pool, GlobalModels models, IRandomBytes random, IExampleSource examples)
    {
        this.examples = examples;
        participation = new Participation(this.GetPrimaryKeyString(), state, blobs, pool, models, random, GrainFactory, DeactivateOnIdle);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken) => participation.Load();

    public async Task<int> Join(string population)
    {
        var training = examples.Training(this.GetPrimaryKeyString());
        if (training.Count > 0) await participation.CheckIn(population);
        return training.Count;
    }

    public Task Participate(Invitation invitation) => participation.TakePart(invitation, _ => examples.Training(this.GetPrimaryKeyString()));

    public Task<ImmutableArray<byte>> Secure(SecureCall call) => participation.Secure(call);

    public Task<EvaluationReport> Judge(Invitation received, JudgedModel model) =>
        participation.Judge(received, model, _ => examples.Training(this.GetPrimaryKeyString()), examples.HeldOut(this.GetPrimaryKeyString()));
}
