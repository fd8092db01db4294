using System.Runtime.Intrinsics;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>A layer's bias as rows of pixels to begin sums from, and the gradients of weights and bias, each in sixteen lanes until they are added up.</summary>
/// <param name="chains">Sums that each weight's gradient is gathered in, side by side.</param>
/// <param name="order">Which weight each gradient is of, where that is another order than the weights'.</param>
internal sealed class LaneWeights(Kernels kernels, WeightedNode node, int rowLength, int chains = 1, int[]? order = null)
{
    private readonly float[] bias = new float[node.Shape.Channels * rowLength];
    private readonly float[] gradient = new float[node.Weight.Length * chains * LaneImage.Lanes], biasGradient = new float[node.Shape.Channels * LaneImage.Lanes];

    /// <summary>[channels, row].</summary>
    public ref float Bias => ref bias[0];

    public int RowLength => rowLength;

    /// <summary>[weights, chains, lanes].</summary>
    public Span<float> Gradient => gradient;

    public void Prepare(ReadOnlySpan<float> weights)
    {
        for (var c = 0; c < node.Shape.Channels; c++) bias.AsSpan(c * rowLength, rowLength).Fill(weights[node.Bias.Offset + c]);
        gradient.AsSpan().Clear();
        biasGradient.AsSpan().Clear();
    }

    /// <summary>The gradient of the bias is that of every pixel; these are the ones of so many rows.</summary>
    public void AddBias(LaneImage outputs, int y, int rows)
    {
        for (var row = y; row < y + rows; row++)
            for (var c = 0; c < outputs.Shape.Channels; c++) kernels.AddRows(outputs.Pixels(row, c), biasGradient.AsSpan(c * LaneImage.Lanes, LaneImage.Lanes));
    }

    public void Finish(Span<float> weightGradient)
    {
        for (var i = 0; i < node.Weight.Length; i++)
            for (var chain = 0; chain < chains; chain++) weightGradient[node.Weight.Offset + (order is null ? i : order[i])] += Sum(gradient, i * chains + chain);
        for (var c = 0; c < node.Bias.Length; c++) weightGradient[node.Bias.Offset + c] += Sum(biasGradient, c);
    }

    /// <summary>A tree, the same for every width of registers.</summary>
    private static float Sum(ReadOnlySpan<float> lanes, int at)
    {
        var sixteen = lanes.Slice(at * LaneImage.Lanes, LaneImage.Lanes);
        var four = Vector128.Create(sixteen) + Vector128.Create(sixteen[8..]) + (Vector128.Create(sixteen[4..]) + Vector128.Create(sixteen[12..]));
        return four[0] + four[2] + (four[1] + four[3]);
    }
}
