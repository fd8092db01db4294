using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>A linear classifier: the baseline that anything deeper has to beat.</summary>
public sealed class LogisticRegression : IModel
{
    private readonly ParameterTensor weight;
    private readonly ParameterTensor bias;

    public LogisticRegression(int inputLength, int classes)
    {
        InputLength = inputLength;
        Classes = classes;
        var layout = new ParameterLayout.Builder();
        weight = layout.Add("weight", 0, classes, inputLength);
        bias = layout.Add("bias", 0, classes);
        Layout = layout.Build();
    }

    public string Name => "logistic";
    public ParameterLayout Layout { get; }
    public int InputLength { get; }
    public int Classes { get; }
    public long ForwardOperations => 2L * InputLength * Classes;

    /// <summary>All zero: the loss is convex, so the seed has nothing to decide.</summary>
    public float[] Initialise(ulong seed) => new float[Layout.Length];

    public ModelWorkspace CreateWorkspace() => new Workspace(Classes);

    public void Logits(ReadOnlySpan<float> weights, ReadOnlySpan<float> input, ModelWorkspace workspace, Span<float> logits)
    {
        for (var c = 0; c < Classes; c++)
            logits[c] = VectorKernels.Dot(weights.Slice(weight.Offset + c * InputLength, InputLength), input) + weights[bias.Offset + c];
    }

    public double LossAndGradient(ReadOnlySpan<float> weights, Examples examples, ReadOnlySpan<int> rows, ModelWorkspace workspace, Span<float> gradient)
    {
        BatchGuard.Check(this, weights, examples, rows, gradient);
        var logits = ((Workspace)workspace).Logits;
        gradient.Clear();
        var loss = 0.0;
        foreach (var row in rows)
        {
            var input = examples.Input(row);
            Logits(weights, input, workspace, logits);
            loss += SoftmaxCrossEntropy.LossAndGradient(logits, examples.Label(row));
            for (var c = 0; c < Classes; c++)
            {
                VectorKernels.AddScaled(logits[c] / rows.Length, input, gradient.Slice(weight.Offset + c * InputLength, InputLength));
                gradient[bias.Offset + c] += logits[c] / rows.Length;
            }
        }
        return loss / rows.Length;
    }

    private sealed class Workspace(int classes) : ModelWorkspace
    {
        public readonly float[] Logits = new float[classes];
    }
}
