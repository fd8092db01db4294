using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// The largest of every 2 x 2 pixels; the gradient goes to the first of the largest. It works row by row, when the layer before
/// asks, and rectifies in its place: the largest of what is rectified is the largest, rectified, and there is a quarter of it.
/// </summary>
internal sealed class LaneMaxPool : LaneOperation
{
    public LaneMaxPool(Kernels kernels, LaneOperation input, LaneImage value, LaneImage gradient)
        : base(kernels, input.IsRectified ? Activation.Relu : Activation.None, input, value, gradient) => input.Pool = this;

    /// <summary>Makes row y of the value, once rows 2 y and 2 y + 1 before it are there.</summary>
    public void Take(int y)
    {
        var x = Input.Value;
        for (var c = 0; c < Value.Shape.Channels; c++) Kernels.MaximumOfFour(x.Row, ref x[x.At(2 * y, c)], ref Value[Value.At(y, c)], LaneImage.Lanes, Value.Shape.Width);
        Made(y, 1);
    }

    /// <summary>Fills the gradient before it, which has room for two rows, with those that row y comes from.</summary>
    public void Return(int y)
    {
        var (x, dx) = (Input.Value, Input.Gradient);
        Ask(y, 1);
        for (var c = 0; c < Value.Shape.Channels; c++)
            Kernels.MaximumOfFourBackward(x.Row, ref x[x.At(2 * y, c)], ref Value[Value.At(y, c)], ref Gradient[Gradient.At(y, c)], ref dx[dx.At(0, c)], LaneImage.Lanes, Value.Shape.Width, adds: false);
    }

    public override void Forward(ReadOnlySpan<float> weights)
    {
    }

    public override void Backward(ReadOnlySpan<float> weights)
    {
    }
}
