using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// A network laid out in memory for one worker: any weights can be streamed through it. Training keeps what every layer made;
/// inference takes turns with a few images that stay in the cache. Each is laid out when it is first asked for. Narrow
/// autoencoders train on sixteen examples at once (<see cref="LaneWorkspace"/>), and on what is left of a batch one by one.
/// </summary>
internal sealed class NetworkWorkspace(Network network, Kernels kernels) : ModelWorkspace
{
    private readonly float[] output = new float[network.Outputs], outputGradient = new float[network.Outputs];
    private readonly bool servesLanes = LaneWorkspace.Serves(network);
    private Operation[]? training, inference;
    private LaneWorkspace? lanes;

    public Network Network => network;

    public void Infer(ReadOnlySpan<float> weights, ReadOnlySpan<float> input, Span<float> result)
    {
        var operations = inference ??= OperationPlan.ForInference(network, kernels);
        foreach (var operation in operations) operation.Prepare(weights, forTraining: false);
        Forward(operations, weights, input);
        operations[^1].Value.Store(result);
    }

    public void Infer(ReadOnlySpan<float> weights, Examples examples, RowOutput each)
    {
        var operations = inference ??= OperationPlan.ForInference(network, kernels);
        foreach (var operation in operations) operation.Prepare(weights, forTraining: false);
        for (var row = 0; row < examples.Count; row++)
        {
            Forward(operations, weights, examples.Input(row));
            operations[^1].Value.Store(output);
            each(row, output);
        }
    }

    public double LossAndGradient(ReadOnlySpan<float> weights, Examples examples, ReadOnlySpan<int> rows, Span<float> gradient)
    {
        gradient.Clear();
        var (loss, total) = (0.0, 0.0);
        foreach (var row in rows) total += network.Loss.WeightOf(examples, row);
        var together = servesLanes ? rows.Length - rows.Length % LaneImage.Lanes : 0;
        if (together > 0)
        {
            lanes ??= new LaneWorkspace(network, kernels);
            lanes.Prepare(weights);
            for (var first = 0; first < together; first += LaneImage.Lanes) loss += lanes.LossAndGradient(weights, examples, rows.Slice(first, LaneImage.Lanes), (float)(1 / total));
        }
        if (together < rows.Length) loss = OneByOne(weights, examples, rows[together..], total, loss, gradient);
        if (together > 0) lanes!.Finish(gradient); // last: the other way begins from a gradient of zeros
        return loss;
    }

    /// <param name="total">Weight of the whole batch.</param>
    /// <param name="loss">Of those before.</param>
    /// <returns>The loss with these.</returns>
    private double OneByOne(ReadOnlySpan<float> weights, Examples examples, ReadOnlySpan<int> rows, double total, double loss, Span<float> gradient)
    {
        var operations = training ??= OperationPlan.ForTraining(network, kernels);
        foreach (var operation in operations) operation.Prepare(weights, forTraining: true);
        foreach (var row in rows)
        {
            Forward(operations, weights, examples.Input(row));
            var share = network.Loss.WeightOf(examples, row) / total;
            operations[^1].Value.Store(output);
            loss += share * network.Loss.WithGradient(kernels, output, examples, row, outputGradient);
            kernels.Scale((float)share, outputGradient);
            Backward(operations, gradient);
        }
        foreach (var operation in operations) operation.Finish(gradient);
        return loss;
    }

    /// <summary>The smallest and the largest value that each layer makes of an input.</summary>
    public IEnumerable<(float Minimum, float Maximum)> Ranges(ReadOnlySpan<float> weights, ReadOnlySpan<float> input)
    {
        var operations = training ??= OperationPlan.ForTraining(network, kernels);
        foreach (var operation in operations) operation.Prepare(weights, forTraining: false);
        Forward(operations, weights, input);
        return operations.Select(operation =>
        {
            var planes = new float[operation.Value.Shape.Length];
            operation.Value.Store(planes);
            return (planes.Min(), planes.Max());
        });
    }

    private static void Forward(Operation[] operations, ReadOnlySpan<float> weights, ReadOnlySpan<float> input)
    {
        operations[0].Value.Load(input);
        for (var i = 1; i < operations.Length; i++) operations[i].Forward(weights);
    }

    private void Backward(Operation[] operations, Span<float> gradient)
    {
        foreach (var operation in operations) operation.IsStale = true;
        operations[^1].Gradient.Load(outputGradient);
        operations[^1].IsStale = false;
        for (var i = operations.Length - 1; i > 0; i--)
            if (!operations[i].IsStale) operations[i].Backward(gradient); // else nothing depends on it
    }
}
