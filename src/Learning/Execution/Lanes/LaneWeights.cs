using System.Runtime.Intrinsics;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>A layer's bias as rows of pixels to begin sums from, and the gradients of weights and bias, each in sixteen lanes until they are added up.</summary>
internal sealed class LaneWeights(Kernels kernels, WeightedNode node, int rowLength)
{
    private readonly float[] bias = new float[node.Shape.Channels * rowLength];
    private readonly float[] gradient = new float[node.Weight.Length * LaneImage.Lanes], biasGradient = new float[node.Shape.Channels * LaneImage.Lanes];

    /// <summary>[channels, row].</summary>
    public ref float Bias => ref bias[0];

    public int RowLength => rowLength;

    /// <summary>[weights, lanes], in the order of the weights.</summary>
    public Span<float> Gradient => gradient;

    public void Prepare(ReadOnlySpan<float> weights)
    {
        for (var c = 0; c < node.Shape.Channels; c++) bias.AsSpan(c * rowLength, rowLength).Fill(weights[node.Bias.Offset + c]);
        gradient.AsSpan().Clear();
        biasGradient.AsSpan().Clear();
    }

    /// <summary>The gradient of the bias is that of every pixel.</summary>
    public void AddBias(LaneImage outputs)
    {
        for (var y = 0; y < outputs.Shape.Height; y++)
            for (var c = 0; c < outputs.Shape.Channels; c++) kernels.AddRows(outputs.Pixels(y, c), biasGradient.AsSpan(c * LaneImage.Lanes, LaneImage.Lanes));
    }

    public void Finish(Span<float> weightGradient)
    {
        Sum(gradient, weightGradient.Slice(node.Weight.Offset, node.Weight.Length));
        Sum(biasGradient, weightGradient.Slice(node.Bias.Offset, node.Bias.Length));
    }

    /// <summary>A tree, the same for every width of registers.</summary>
    private static void Sum(ReadOnlySpan<float> lanes, Span<float> sums)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            var sixteen = lanes.Slice(i * LaneImage.Lanes, LaneImage.Lanes);
            var four = Vector128.Create(sixteen) + Vector128.Create(sixteen[8..]) + (Vector128.Create(sixteen[4..]) + Vector128.Create(sixteen[12..]));
            sums[i] += four[0] + four[2] + (four[1] + four[3]);
        }
    }
}
