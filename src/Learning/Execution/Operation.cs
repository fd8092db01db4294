using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>One layer at work: it fills its value from those before it, and their gradients from its own.</summary>
internal abstract class Operation(Kernels kernels, Activation activation, Image value, Image gradient)
{
    protected Kernels Kernels => kernels;

    /// <summary>What it makes; after <see cref="Forward"/> the activation is in it.</summary>
    public Image Value => value;

    /// <summary>d loss / d value; its border is zero.</summary>
    public Image Gradient => gradient;

    /// <summary>Whether the gradient still holds that of another example: who contributes first overwrites it, the others add.</summary>
    public bool IsStale { get; set; }

    /// <summary>Whether <see cref="Compute"/> lets nothing through that is below <see cref="Floor"/>: it saves a pass over the value.</summary>
    protected virtual bool Rectifies => false;

    /// <summary>The least value there is after the activation, where that is a rectifier.</summary>
    protected float Floor => activation == Activation.Relu ? 0 : float.NegativeInfinity;

    /// <summary>Takes weights into the form that the kernels read, where they do not have it yet.</summary>
    public virtual void Prepare(ReadOnlySpan<float> weights, bool forTraining)
    {
    }

    public void Forward(ReadOnlySpan<float> weights)
    {
        Compute(weights);
        switch (activation)
        {
            case Activation.Relu when !Rectifies:
                kernels.Rectify(value.All); // a border of zeros stays one
                break;
            case Activation.Logistic:
                for (var y = 0; y < value.Shape.Height; y++) kernels.Logistic(value.Pixels(y));
                break;
        }
    }

    /// <summary>Contributes to the gradients of its inputs and to that of the weights.</summary>
    public void Backward(Span<float> weightGradient)
    {
        switch (activation)
        {
            case Activation.Relu:
                kernels.RectifyBackward(value.All, gradient.All);
                break;
            case Activation.Logistic:
                for (var y = 0; y < value.Shape.Height; y++) kernels.LogisticBackward(value.Pixels(y), gradient.Pixels(y));
                break;
        }
        Differentiate(weightGradient);
    }

    /// <summary>Puts what was gathered in a form of its own into the gradient of the weights.</summary>
    public virtual void Finish(Span<float> weightGradient)
    {
    }

    /// <summary>True for whoever contributes to a gradient first.</summary>
    protected static bool IsFirst(Operation input)
    {
        var isFirst = input.IsStale;
        input.IsStale = false;
        return isFirst;
    }

    protected abstract void Compute(ReadOnlySpan<float> weights);

    protected abstract void Differentiate(Span<float> weightGradient);
}
