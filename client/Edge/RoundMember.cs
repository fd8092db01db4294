using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;

namespace CitySafeSense.Edge;

/// <summary>
/// A device's part in federated rounds: blends, trains and answers on the device. Its windows, its personal model and what its
/// codec left out never leave it; an update does, clipped by the cluster or, in a round that sums securely, under masks.
/// </summary>
/// <param name="labelled">Windows to learn from, with their classes; asked when there is a round.</param>
public sealed class RoundMember(string device, Func<IReadOnlyList<(SensorWindow Window, int Label)>> labelled, IRandomBytes random) : IDisposable
{
    /// <summary>With fewer windows a device does not offer itself.</summary>
    public const int WindowsToTakePart = 8;

    private readonly SecureClient secure = new(random);
    private (string Key, IModel Model, ModelWorkspace Workspace)? built;

    /// <summary>What the device has of its own; null before the first round of a strategy that keeps something.</summary>
    public PersonalModel? Personal { get; private set; }

    /// <summary>Hash of the global weights it was last sent.</summary>
    public string? GlobalModel { get; private set; }

    public int LastRound { get; private set; }

    /// <summary>An offer to take part, or nothing where there is too little to learn from.</summary>
    public RoundUplink? Offer() => labelled().Count >= WindowsToTakePart ? new RoundUplink.Offered(secure.Credential) : null;

    /// <summary>Does what the cluster asks; may take as long as training does.</summary>
    /// <returns>What to say to it, or nothing.</returns>
    /// <exception cref="ArgumentException">The order names what there is not here, or what does not fit together.</exception>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    /// <exception cref="SecureSumException">A secure sum cannot go on: the device has dropped out of it.</exception>
    /// <exception cref="FormatException">What belongs to a secure sum is malformed.</exception>
    public RoundUplink? Take(RoundDownlink message) => message switch
    {
        RoundDownlink.Invited { Order: var order } when order.Instructions.Round > LastRound => Train(order),
        RoundDownlink.Asked asked => new RoundUplink.Answered(asked.Shard, asked.Step, secure.Answer(asked.Shard, asked.Step, asked.Payload)),
        _ => null,
    };

    public void Dispose() => secure.Dispose();

    private RoundUplink? Train(TrainingOrder order)
    {
        order.Instructions.Training.Validate();
        var (model, workspace) = Model(order.Model);
        if (order.Weights.Length != model.Layout.Length || order.Control.Length is not 0 && order.Control.Length != order.Weights.Length)
            throw new ArgumentException($"round {order.Instructions.Round}: {order.Weights.Length} weights for a model of {model.Layout.Length}");
        var examples = Examples(model, order.Model);
        if (examples.Count == 0) return null;
        var received = new ReceivedModel(order.Weights, order.Control, order.Name);
        var codec = order.Place is null ? UpdateCodec.Parse(order.Codec) : null;
        var (result, update, personal) = ClientRound.Run(model, received, Personal, examples, order.Instructions, codec, device, workspace);
        (Personal, GlobalModel, LastRound) = (personal ?? Personal, order.Name, order.Instructions.Round);
        if (order.Place is not { } place) return new RoundUplink.Reported(LastRound, result.Samples, result.Loss, update);
        var vector = SecureUpdate.Of(result.Delta, result.Samples, result.Loss, order.UpdateNormMax, order.CountsOnce);
        return new RoundUplink.Seated(place.Shard, place.Place, secure.Sit(place, vector, order.UpdateNormMax));
    }

    /// <summary>Built once for as long as orders are for the same.</summary>
    private (IModel Model, ModelWorkspace Workspace) Model(ModelDescription description)
    {
        var key = $"{description.Kind}/{description.Settings}/{description.Channels}x{description.Height}x{description.Samples}/{description.Classes}";
        if (built is { } b && b.Key == key) return (b.Model, b.Workspace);
        var schema = WindowSchema.Default;
        if (description.Channels != schema.NetworkChannels || description.Samples != schema.Samples || description.Height != 1)
            throw new ArgumentException($"a model of {description.Channels} x {description.Height} x {description.Samples} inputs does not fit windows of {schema.NetworkChannels} x {schema.Samples}");
        var model = description.Build();
        built = (key, model, model.CreateWorkspace());
        return (model, built.Value.Workspace);
    }

    private Examples Examples(IModel model, ModelDescription description)
    {
        var windows = labelled();
        var (scaling, inputs) = (new ChannelScaling(description.Centre, description.Scale), new float[windows.Count * model.InputLength]);
        for (var i = 0; i < windows.Count; i++) NetworkInput.Write(windows[i].Window, scaling, inputs.AsSpan(i * model.InputLength, model.InputLength));
        return new Examples(inputs, [.. windows.Select(w => w.Label)], model.InputLength);
    }
}
