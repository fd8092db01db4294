using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// The largest of every 2 x 2 pixels; the gradient goes to the first of the largest. It works row by row, when the layer before
/// asks, and rectifies in its place: the largest of what is rectified is the largest, rectified, and there is a quarter of it.
/// </summary>
internal sealed class LaneMaxPool : LaneOperation
{
    private readonly nint[] corners;

    public LaneMaxPool(Kernels kernels, LaneOperation input, LaneImage value, LaneImage gradient)
        : base(kernels, input.IsRectified ? Activation.Relu : Activation.None, input, value, gradient)
    {
        corners = [0, LaneImage.Lanes, input.Value.Row, input.Value.Row + LaneImage.Lanes];
        input.Pool = this;
    }

    /// <summary>Makes row y of the value, once rows 2 y and 2 y + 1 before it are there.</summary>
    public void Take(int y)
    {
        var x = Input.Value;
        for (var c = 0; c < Value.Shape.Channels; c++) Kernels.MaximumOfFour(corners, ref x[x.At(2 * y, c)], ref Value[Value.At(y, c)], LaneImage.Lanes, Value.Shape.Width);
    }

    /// <summary>Fills the gradient before it, which is two rows high, with those that row y comes from.</summary>
    public void Return(int y)
    {
        var (x, dx) = (Input.Value, Input.Gradient);
        for (var c = 0; c < Value.Shape.Channels; c++)
            Kernels.MaximumOfFourBackward(corners, ref x[x.At(2 * y, c)], ref Value[Value.At(y, c)], ref Gradient[Gradient.At(y, c)], ref dx[dx.At(0, c)], LaneImage.Lanes, Value.Shape.Width, adds: false);
    }

    protected override void Compute(ReadOnlySpan<float> weights)
    {
    }

    protected override void Differentiate(ReadOnlySpan<float> weights)
    {
    }
}
