using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>One device: `{device id}`. Infers with its personal model, else the current global one; learns on its own windows; keeps those with a label in memory, and nowhere else.</summary>
public sealed class DeviceGrain : Grain, IDeviceGrain
{
    private readonly LearningBuffer buffer;
    private readonly GlobalModels models;
    private readonly IExampleSource examples;
    private readonly CityOptions city;
    private readonly TimeProvider time;
    private readonly Participation participation;
    private readonly RemoteParticipation remote;
    private (long At, TimeSpan Pause)? checkedIn;
    private long windowsSeen;

    public DeviceGrain(
        [PersistentState("device", "devices")] IPersistentState<DeviceState> state,
        IBlobStore blobs, IComputePool pool, LearningMemory memory, GlobalModels models, IRandomBytes random, IExampleSource examples, IDeviceMessenger messenger, CityOptions city, TimeProvider time)
    {
        (this.models, this.examples, this.city, this.time) = (models, examples, city, time);
        buffer = new LearningBuffer(memory);
        participation = new Participation(this.GetPrimaryKeyString(), state, blobs, pool, models, random, GrainFactory, DeactivateOnIdle);
        remote = new RemoteParticipation(this.GetPrimaryKeyString(), messenger, models, GrainFactory, time);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken) => participation.Load();

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        buffer.Clear();
        return Task.CompletedTask;
    }

    public async Task<Observation> Ingest(ImmutableArray<byte> frame)
    {
        if (WindowFrame.Decode(frame.AsSpan(), labelsAllowed: true, out var header, out var window) is not FrameRejection.None and var rejection)
            throw new ArgumentException($"frame refused: {rejection}");
        windowsSeen++;
        buffer.Add(header!, window!);
        await CheckIn();
        var change = VelocityChange.Of(window!);
        if (await models.InUse(GrainFactory, city.Population) is not { Released.Info.Round: > 0 } use)
            return new Observation(null, 0, change.EastMetresPerSecond, change.NorthMetresPerSecond, null);
        var (best, probability, model) = Own(use.Released) is { } own ? use.Classify(own, window!) : use.Classify(this.GetPrimaryKeyString(), window!);
        return new Observation((byte)best, probability, change.EastMetresPerSecond, change.NorthMetresPerSecond, model);
    }

    public Task Participate(Invitation invitation) => participation.Stored.TrainsItself ? remote.Invite(invitation)
        : participation.TakePart(invitation, Training);

    public Task<ImmutableArray<byte>> Secure(SecureCall call) => participation.Stored.TrainsItself ? remote.Ask(call) : participation.Secure(call);

    public async Task<TimeSpan> Offer(ImmutableArray<byte> credential)
    {
        await participation.TrainsItself();
        return await GrainFactory.GetGrain<IFederatedRoundGrain>(city.Population).CheckIn(this.GetPrimaryKeyString(), credential);
    }

    public async Task Report(RoundReport report)
    {
        await GrainFactory.GetGrain<IFederatedRoundGrain>(city.Population).Report(report with { Device = this.GetPrimaryKeyString() });
        await participation.Reported(report.Round);
    }

    public Task Advertise(string shard, int place, ImmutableArray<byte> keys) => remote.Advertise(shard, place, keys);

    public Task Answer(SecureCall answer)
    {
        remote.Answer(answer);
        return Task.CompletedTask;
    }

    public Task<EvaluationReport> Judge(Invitation received, JudgedModel model) => participation.Judge(received, model, Training, examples.HeldOut(this.GetPrimaryKeyString()));

    public async Task<bool> Forget()
    {
        var had = buffer.Count > 0;
        buffer.Clear();
        (checkedIn, windowsSeen) = (null, 0);
        return await participation.Forget() || had;
    }

    public Task<DeviceStatus> Status() => Task.FromResult(new DeviceStatus(
        this.GetPrimaryKeyString(), participation.Stored.LastRound, participation.Stored.GlobalModel, participation.Stored.PersonalModel, buffer.Count, windowsSeen));

    private Examples Training(ModelRuntime runtime) => runtime.Examples(buffer.Windows);

    /// <summary>Said again and again: whoever keeps the list keeps it in memory.</summary>
    private async Task CheckIn()
    {
        if (participation.Stored.TrainsItself || buffer.Count < Limits.WindowsToTakePart || (checkedIn is { } last && time.GetElapsedTime(last.At) < last.Pause)) return;
        checkedIn = (time.GetTimestamp(), await participation.CheckIn(city.Population));
    }

    /// <summary>The personal model, unless the global one has since gone on by so many rounds that it has learned more from others than this device from itself.</summary>
    private WeightDelta? Own(LoadedModel global) =>
        participation.Personal is { } own && own.Weights.Length == global.Weights.Length && global.Info.Round - participation.Stored.PersonalRound <= Limits.PersonalModelRounds ? own.Weights : null;
}
