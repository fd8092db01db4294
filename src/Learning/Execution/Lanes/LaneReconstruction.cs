using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>The reconstruction error of sixteen examples; it gives the gradient row by row, when the last layer asks.</summary>
internal sealed class LaneReconstruction(Kernels kernels, LaneImage input, LaneImage output, LaneImage gradient)
{
    private double squares;
    private float share;

    /// <param name="share">Of each example in the mean.</param>
    public void Begin(float share) => (this.share, squares) = (share, 0);

    /// <summary>gradient = 2 share d / n.</summary>
    public void Give(int y)
    {
        for (var c = 0; c < output.Shape.Channels; c++)
        {
            var row = gradient.Pixels(y, c);
            kernels.DifferenceScaled(2 * share / output.Shape.Length, output.Pixels(y, c), input.Pixels(y, c), row);
            squares += kernels.Dot(row, row);
        }
    }

    /// <summary>The sum of sixteen losses, each times its share, once every row was asked for: n / (4 share) of the gradient's square.</summary>
    public double End() => squares * output.Shape.Length / (4 * share);
}
