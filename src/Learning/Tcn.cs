using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// A causal dilated network over a window: residual blocks of convolutions and ReLU, the mean over time, one linear layer.
/// No batch norm (docs/decisions): a client's windows must not leak into another's through running statistics; the residual
/// branches start small instead, after Zhang, Dauphin and Ma (2019).
/// </summary>
public sealed class Tcn : IModel
{
    private readonly TcnOptions options;
    private readonly Block[] blocks;
    private readonly ParameterTensor headWeight;
    private readonly ParameterTensor headBias;

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public Tcn(TcnOptions options)
    {
        options.Validate();
        this.options = options;
        var layout = new ParameterLayout.Builder();
        var inputs = options.Channels;
        blocks = new Block[options.Dilations.Count];
        for (var b = 0; b < blocks.Length; b++)
        {
            var convolutions = new Convolution[options.ConvolutionsPerBlock];
            for (var c = 0; c < convolutions.Length; c++)
                convolutions[c] = Convolution.Add(layout, $"block{b}.conv{c}", c == 0 ? inputs : options.Width, options.Width, options.Kernel, options.Dilations[b]);
            var skip = inputs == options.Width ? null : Convolution.Add(layout, $"block{b}.skip", inputs, options.Width, 1, 1);
            blocks[b] = new Block(convolutions, skip);
            inputs = options.Width;
        }
        headWeight = layout.Add("head.weight", 0, options.Classes, options.Width);
        headBias = layout.Add("head.bias", 0, options.Classes);
        Layout = layout.Build();
    }

    public string Name => "tcn";
    public ParameterLayout Layout { get; }
    public int InputLength => options.Channels * options.Samples;
    public int Classes => options.Classes;
    public TcnOptions Options => options;

    public long ForwardOperations =>
        2L * options.Samples * blocks.Sum(b => b.Convolutions.Append(b.Skip).OfType<Convolution>().Sum(c => c.Weight.Length)) + 2L * headWeight.Length;

    /// <summary>He's normal initialisation; the last convolution of a block is divided by the root of the number of blocks, so that the residual sum keeps its size.</summary>
    public float[] Initialise(ulong seed)
    {
        var rng = Rng.For(seed, "tcn");
        var weights = new float[Layout.Length];
        foreach (var block in blocks)
        {
            for (var c = 0; c < block.Convolutions.Length; c++)
                Fill(block.Convolutions[c].Weight, Math.Sqrt(2.0 / block.Convolutions[c].FanIn) * (c == block.Convolutions.Length - 1 ? 1 / Math.Sqrt(blocks.Length) : 1));
            if (block.Skip is { } skip) Fill(skip.Weight, Math.Sqrt(1.0 / skip.FanIn));
        }
        Fill(headWeight, Math.Sqrt(1.0 / options.Width));
        return weights;

        void Fill(ParameterTensor tensor, double deviation)
        {
            for (var i = 0; i < tensor.Length; i++) weights[tensor.Offset + i] = (float)rng.Gaussian(0, deviation);
        }
    }

    public ModelWorkspace CreateWorkspace() => new Workspace(this);

    public void Logits(ReadOnlySpan<float> weights, ReadOnlySpan<float> input, ModelWorkspace workspace, Span<float> logits)
    {
        if (input.Length != InputLength) throw new ArgumentException($"tcn takes {InputLength} inputs, not {input.Length}");
        var work = (Workspace)workspace;
        Forward(weights, input, work);
        for (var c = 0; c < Classes; c++)
            logits[c] = weights[headBias.Offset + c] + VectorKernels.Dot(weights.Slice(headWeight.Offset + c * options.Width, options.Width), work.Pooled);
    }

    public double LossAndGradient(ReadOnlySpan<float> weights, Examples examples, ReadOnlySpan<int> rows, ModelWorkspace workspace, Span<float> gradient)
    {
        BatchGuard.Check(this, weights, examples, rows, gradient);
        var work = (Workspace)workspace;
        gradient.Clear();
        var loss = 0.0;
        foreach (var row in rows)
        {
            Logits(weights, examples.Input(row), work, work.Logits);
            loss += SoftmaxCrossEntropy.LossAndGradient(work.Logits, examples.Label(row));
            VectorKernels.Scale(1f / rows.Length, work.Logits);
            Backward(weights, work, gradient);
        }
        return loss / rows.Length;
    }

    private void Forward(ReadOnlySpan<float> weights, ReadOnlySpan<float> input, Workspace work)
    {
        for (var c = 0; c < options.Channels; c++) input.Slice(c * options.Samples, options.Samples).CopyTo(work.Input.Row(c));
        var x = work.Input;
        for (var b = 0; b < blocks.Length; b++)
        {
            var convolutions = blocks[b].Convolutions;
            var hidden = work.Hidden[b];
            for (var c = 0; c < convolutions.Length; c++)
            {
                convolutions[c].Forward(weights, c == 0 ? x : hidden[c - 1], hidden[c]);
                if (c < convolutions.Length - 1) Rectifier.Forward(hidden[c].Data);
            }
            var skipped = x;
            if (blocks[b].Skip is { } skip)
            {
                skip.Forward(weights, x, work.Skipped);
                skipped = work.Skipped;
            }
            Rectifier.ForwardSum(hidden[^1].Data, skipped.Data);
            x = hidden[^1];
        }
        for (var c = 0; c < options.Width; c++)
        {
            var sum = 0f;
            foreach (var value in x.Row(c)) sum += value;
            work.Pooled[c] = sum / options.Samples;
        }
    }

    /// <summary>Adds this example's gradient; work.Logits holds d loss / d logits. Gradients are zero behind the last sample, which the padding needs.</summary>
    private void Backward(ReadOnlySpan<float> weights, Workspace work, Span<float> gradient)
    {
        work.PooledGradient.AsSpan().Clear();
        for (var c = 0; c < Classes; c++)
        {
            VectorKernels.AddScaled(work.Logits[c], work.Pooled, gradient.Slice(headWeight.Offset + c * options.Width, options.Width));
            gradient[headBias.Offset + c] += work.Logits[c];
            VectorKernels.AddScaled(work.Logits[c], weights.Slice(headWeight.Offset + c * options.Width, options.Width), work.PooledGradient);
        }
        var (dy, dx, inner) = (work.GradientA, work.GradientB, work.GradientC);
        for (var c = 0; c < options.Width; c++) dy.Row(c).Fill(work.PooledGradient[c] / options.Samples);
        for (var b = blocks.Length - 1; b >= 0; b--)
        {
            var convolutions = blocks[b].Convolutions;
            var hidden = work.Hidden[b];
            var x = b == 0 ? work.Input : work.Hidden[b - 1][^1];
            Rectifier.Backward(hidden[^1].Data, dy.Data);
            var flowing = dy;
            for (var c = convolutions.Length - 1; c >= 1; c--)
            {
                convolutions[c].WeightGradient(hidden[c - 1], flowing, gradient);
                var before = flowing == inner ? work.GradientD : inner;
                convolutions[c].InputGradient(weights, flowing, before);
                Rectifier.Backward(hidden[c - 1].Data, before.Data);
                flowing = before;
            }
            convolutions[0].WeightGradient(x, flowing, gradient);
            blocks[b].Skip?.WeightGradient(x, dy, gradient);
            if (b == 0) return;
            convolutions[0].InputGradient(weights, flowing, dx);
            VectorKernels.AddScaled(1, dy.Data, dx.Data);
            (dy, dx) = (dx, dy);
        }
    }

    private sealed record Block(Convolution[] Convolutions, Convolution? Skip);

    private sealed record Convolution(ParameterTensor Weight, ParameterTensor Bias, int Kernel, int Dilation)
    {
        public int FanIn => Weight.Shape[1] * Kernel;

        public static Convolution Add(ParameterLayout.Builder layout, string name, int inputs, int outputs, int kernel, int dilation) =>
            new(layout.Add(name + ".weight", 0, outputs, inputs, kernel), layout.Add(name + ".bias", 0, outputs), kernel, dilation);

        public void Forward(ReadOnlySpan<float> weights, PaddedRows x, PaddedRows y) =>
            CausalConvolution.Forward(Of(weights, Weight), Of(weights, Bias), x, y, Kernel, Dilation);

        public void InputGradient(ReadOnlySpan<float> weights, PaddedRows dy, PaddedRows dx) =>
            CausalConvolution.InputGradient(Of(weights, Weight), dy, dx, Kernel, Dilation);

        public void WeightGradient(PaddedRows x, PaddedRows dy, Span<float> gradient) =>
            CausalConvolution.WeightGradient(x, dy, gradient.Slice(Weight.Offset, Weight.Length), gradient.Slice(Bias.Offset, Bias.Length), Kernel, Dilation);

        private static ReadOnlySpan<float> Of(ReadOnlySpan<float> weights, ParameterTensor tensor) => weights.Slice(tensor.Offset, tensor.Length);
    }

    private sealed class Workspace : ModelWorkspace
    {
        public readonly PaddedRows Input;
        public readonly PaddedRows[][] Hidden;
        public readonly PaddedRows Skipped, GradientA, GradientB, GradientC, GradientD;
        public readonly float[] Pooled, PooledGradient, Logits;

        public Workspace(Tcn model)
        {
            var options = model.options;
            var padding = (options.Kernel - 1) * options.Dilations.Max();
            Input = new PaddedRows(options.Channels, options.Samples, padding);
            Hidden = [.. model.blocks.Select(b => b.Convolutions.Select(_ => Rows()).ToArray())];
            (Skipped, GradientA, GradientB, GradientC, GradientD) = (Rows(), Rows(), Rows(), Rows(), Rows());
            Pooled = new float[options.Width];
            PooledGradient = new float[options.Width];
            Logits = new float[options.Classes];

            PaddedRows Rows() => new(options.Width, options.Samples, padding);
        }
    }
}
