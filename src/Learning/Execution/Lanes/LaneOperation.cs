using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>One layer at work on sixteen examples; it fills its value from that of the layer before, and that one's gradient from its own.</summary>
/// <param name="before">Nothing for the examples themselves.</param>
internal abstract class LaneOperation(Kernels kernels, Activation activation, LaneOperation? before, LaneImage value, LaneImage gradient)
{
    protected Kernels Kernels => kernels;

    protected LaneOperation Input => before!;

    /// <summary>Whether anything asks for the gradient of the layer before.</summary>
    protected bool GoesBack => before is { IsInput: false };

    private bool IsInput => before is null;

    public LaneImage Value => value;

    public bool IsRectified => activation == Activation.Relu;

    /// <summary>Where the layer after this one is a pool: it takes rows as they are made, and gives gradients as they are needed, while they are in the cache.</summary>
    public LaneMaxPool? Pool { get; set; }

    /// <summary>Its border is zero.</summary>
    public LaneImage Gradient => gradient;

    public virtual void Prepare(ReadOnlySpan<float> weights)
    {
    }

    public void Forward(ReadOnlySpan<float> weights)
    {
        Compute(weights);
        if (IsRectified && Pool is null) kernels.Rectify(value.All); // a border of zeros stays one
        if (activation == Activation.Logistic) EachRow((y, c) => kernels.Logistic(value.Pixels(y, c)));
    }

    public void Backward(ReadOnlySpan<float> weights)
    {
        if (IsRectified && Pool is null) kernels.RectifyBackward(value.All, gradient.All);
        if (activation == Activation.Logistic) EachRow((y, c) => kernels.LogisticBackward(value.Pixels(y, c), gradient.Pixels(y, c)));
        Differentiate(weights);
    }

    /// <summary>Adds what was gathered for the weights to their gradient.</summary>
    public virtual void Finish(Span<float> weightGradient)
    {
    }

    protected abstract void Compute(ReadOnlySpan<float> weights);

    protected abstract void Differentiate(ReadOnlySpan<float> weights);

    private void EachRow(Action<int, int> row)
    {
        for (var y = 0; y < value.Shape.Height; y++)
            for (var c = 0; c < value.Shape.Channels; c++) row(y, c);
    }
}

/// <summary>The examples themselves.</summary>
internal sealed class LaneInput(Kernels kernels, LaneImage value) : LaneOperation(kernels, Activation.None, null, value, value)
{
    protected override void Compute(ReadOnlySpan<float> weights)
    {
    }

    protected override void Differentiate(ReadOnlySpan<float> weights)
    {
    }
}
