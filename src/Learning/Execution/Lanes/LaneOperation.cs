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

    /// <summary>Where this layer is the last.</summary>
    public LaneReconstruction? Loss { get; set; }

    /// <summary>Its border is zero.</summary>
    public LaneImage Gradient => gradient;

    public virtual void Prepare(ReadOnlySpan<float> weights)
    {
    }

    /// <summary>Fills the value.</summary>
    public abstract void Forward(ReadOnlySpan<float> weights);

    /// <summary>Fills the gradient of the layer before, and gathers that of the weights.</summary>
    public abstract void Backward(ReadOnlySpan<float> weights);

    /// <summary>Adds what was gathered for the weights to their gradient.</summary>
    public virtual void Finish(Span<float> weightGradient)
    {
    }

    /// <summary>What is left to do with rows that were just made, while they are in the cache.</summary>
    protected void Made(int y, int rows)
    {
        for (var row = y; row < y + rows; row++)
        {
            if (Pool is null) Activate(row);
            else if (row % 2 == 1) Pool.Take(row / 2);
        }
    }

    /// <summary>Makes the gradient of rows ready that are about to be used: two and two of them, where a pool is next.</summary>
    protected void Ask(int y, int rows)
    {
        for (var row = y; row < y + rows; row++)
        {
            if (Pool is not null && row % 2 == 0) Pool.Return(row / 2);
            Loss?.Give(row);
            if (Pool is null) ActivateBackward(row);
        }
    }

    private void Activate(int y)
    {
        if (activation == Activation.None) return;
        for (var c = 0; c < value.Shape.Channels; c++)
            if (IsRectified) kernels.Rectify(value.Pixels(y, c));
            else kernels.Logistic(value.Pixels(y, c));
    }

    private void ActivateBackward(int y)
    {
        if (activation == Activation.None) return;
        for (var c = 0; c < value.Shape.Channels; c++)
            if (IsRectified) kernels.RectifyBackward(value.Pixels(y, c), gradient.Pixels(y, c));
            else kernels.LogisticBackward(value.Pixels(y, c), gradient.Pixels(y, c));
    }
}

/// <summary>The examples themselves.</summary>
internal sealed class LaneInput(Kernels kernels, LaneImage value) : LaneOperation(kernels, Activation.None, null, value, value)
{
    public override void Forward(ReadOnlySpan<float> weights)
    {
    }

    public override void Backward(ReadOnlySpan<float> weights)
    {
    }
}
