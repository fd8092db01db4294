using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// A convolution with three taps along a row, by minimal filtering (<see cref="MinimalFiltering{TVector, TOperations}"/>): the
/// pixels of a tile, its outputs and the weights become four factors each, which meet in four convolutions one tap wide. Two
/// thirds of the multiplications and the same outputs but for rounding; it pays where channels are many.
/// </summary>
internal sealed class MinimalConvolutionOperation : PackedOperation
{
    private const int Taps = 3, Factors = TileImages.Factors, ChannelsMin = 16;
    private readonly Tiling tiling;
    private readonly TileInputs seen;
    private readonly TileOutputs made;
    private readonly TapGeometry geometry;
    private readonly int filterRows, left;
    private readonly AlignedFloats[] filters, reversed, filterGradients;
    private readonly float[] zeroOfSeen, zeroOfMade;

    /// <param name="trains">Whether there will be a way back, for which what the tiles see must stay; else it is scratch memory too.</param>
    public MinimalConvolutionOperation(Kernels kernels, ConvolutionNode node, Operation input, Image value, Image gradient, bool trains, TileScratch scratch)
        : base(kernels, node, input, value, gradient, trains)
    {
        var (window, shape) = (node.Window, input.Value.Shape);
        tiling = new Tiling(window, value.Shape, inChunks: !trains);
        (filterRows, left) = (window.Height, window.Left);
        var column = new Window(window.Height, 1, 1, 1, window.Top, 0, window.Bottom, 0);
        var (seenShape, madeShape) = (shape with { Width = tiling.Count }, value.Shape with { Width = tiling.Count });
        var (seenBorder, madeBorder) = TapGeometry.Borders(column, seenShape, madeShape);
        if (trains) seenBorder = seenBorder with { Left = tiling.Run, Right = 2 * tiling.Run };
        seen = trains ? new TileInputs(seenShape, seenBorder) : scratch.Inputs(seenShape, seenBorder);
        made = scratch.Outputs(madeShape, madeBorder);
        geometry = new TapGeometry(kernels, column, big: seen[0], small: made[0]);
        filters = Make(filterRows * shape.Channels * value.Pixel);
        reversed = Make(trains ? filterRows * value.Shape.Channels * input.Value.Pixel : 0);
        filterGradients = Make(trains ? filterRows * shape.Channels * value.Pixel : 0);
        (zeroOfSeen, zeroOfMade) = (new float[input.Value.Pixel], new float[value.Pixel]);
    }

    protected override bool Rectifies => true;

    /// <summary>Whether a layer is one that this serves.</summary>
    public static bool Serves(ConvolutionNode node, Shape input) => node is { Input: > 0, Window: { Width: Taps, Stride: 1 } }
        && input.Channels >= ChannelsMin && node.Shape.Channels >= ChannelsMin && node.Shape.Width > 2 * node.Window.Dilation;

    /// <summary>The border that images need on either side: that of any convolution, and as far as the last tiles reach.</summary>
    public static (Border Big, Border Small) Borders(Window window, Shape big, Shape small)
    {
        var tiling = new Tiling(window, small, inChunks: false);
        var (around, opposite) = TapGeometry.Borders(window, big, small);
        return (around with { Right = tiling.Seen - window.Left - big.Width }, opposite with { Right = Math.Max(opposite.Right, tiling.Painted - small.Width) });
    }

    public override void Prepare(ReadOnlySpan<float> weights, bool forTraining)
    {
        base.Prepare(weights, forTraining);
        Factorise(Packed.Forward(weights), filters);
        if (!forTraining) return;
        Factorise(Packed.Transposed, reversed);
        foreach (var factor in filterGradients) factor.Span.Clear();
    }

    public override void Finish(Span<float> weightGradient)
    {
        var row = filterGradients[0].Span.Length / filterRows;
        var target = Packed.Gradient(weightGradient);
        for (var y = 0; y < filterRows; y++)
        {
            var taps = target[(Taps * y * row)..];
            Kernels.FilterGradients(At(filterGradients, y * row), taps[..row], taps.Slice(row, row), taps.Slice(2 * row, row));
        }
        base.Finish(weightGradient);
    }

    protected override void Compute(ReadOnlySpan<float> weights)
    {
        var (from, into) = (Input.Value, Value);
        for (var x = 0; x < tiling.Painted; x += tiling.PaintedByChunk)
        {
            for (var y = 0; y < from.Shape.Height; y++) Kernels.SeeTiles(tiling.Of(from), ref from[from.At(y, x - left)], seen.RowOf(y));
            // Both outputs of a tile hold its second product, so that is where the bias begins.
            for (var f = 0; f < Factors; f++) geometry.Gather(seen[f], filters[f].Span, f == 1 ? Packed.Bias(weights) : zeroOfMade, made[f]);
            for (var y = 0; y < into.Shape.Height; y++) Kernels.PaintTiles(tiling.Of(into), made.RowOf(y), Floor, ref into[into.At(y, x)]);
        }
        for (var y = 0; y < into.Shape.Height; y++) ClearRight(into, y, tiling.Painted);
    }

    protected override void CorrelateWeights(Span<float> weightGradient)
    {
        for (var y = 0; y < Gradient.Shape.Height; y++) Kernels.SeeTileGradients(tiling.Of(Gradient), ref Gradient[Gradient.At(y, 0)], made.RowOf(y));
        for (var f = 0; f < Factors; f++) geometry.Correlate(seen[f], made[f], filterGradients[f].Span);
    }

    /// <summary>What the tiles saw is no longer needed: its gradient takes its place.</summary>
    protected override void Return(ReadOnlySpan<float> start)
    {
        for (var f = 0; f < Factors; f++) geometry.Scatter(made[f], reversed[f].Span, zeroOfSeen, seen[f]);
        var into = Input.Gradient;
        for (var y = 0; y < into.Shape.Height; y++)
        {
            Kernels.PaintTileGradients(tiling.Of(into), seen.RowOf(y), ref into[into.At(y, -left)], adds: start.IsEmpty);
            into.All.Slice(into.At(y, -left), left * into.Pixel).Clear();
            ClearRight(into, y, tiling.Seen - left);
        }
    }

    private static AlignedFloats[] Make(int length) => [.. Enumerable.Range(0, Factors).Select(_ => new AlignedFloats(length))];

    /// <summary>[rows, taps, inputs, outputs] to four times [rows, inputs, outputs].</summary>
    private void Factorise(ReadOnlySpan<float> weights, AlignedFloats[] factors)
    {
        var row = factors[0].Span.Length / filterRows;
        for (var y = 0; y < filterRows; y++)
        {
            var taps = weights[(Taps * y * row)..];
            Kernels.FilterFactors(taps[..row], taps.Slice(row, row), taps.Slice(2 * row, row), At(factors, y * row));
        }
    }

    /// <summary>The border stays zero: what tiles beyond the last pixel made goes.</summary>
    private static void ClearRight(Image image, int y, int reached)
    {
        var width = image.Shape.Width;
        if (reached > width) image.All.Slice(image.At(y, width), (reached - width) * image.Pixel).Clear();
    }

    private static Four At(AlignedFloats[] factors, int at) =>
        new() { First = ref factors[0][at], Second = ref factors[1][at], Third = ref factors[2][at], Fourth = ref factors[3][at] };

    /// <summary>
    /// How a row of outputs is cut: with a dilation d, 2 d neighbours are d tiles of two. Where nothing of the tiles must stay
    /// the row goes in chunks, so that what they see and make is still in the cache when it is needed.
    /// </summary>
    private readonly struct Tiling
    {
        /// <summary>Four factors of as many tiles, and as many products, fit into a cache of 32 kB beside the weights of 32 channels.</summary>
        private const int ChunkMin = 16;
        private readonly int blocks, last, chunks = 1;

        public Tiling(Window window, Shape outputs, bool inChunks)
        {
            Run = window.Dilation;
            blocks = (outputs.Width + 2 * Run - 1) / (2 * Run);
            last = Math.Min(Run, outputs.Width - 2 * Run * (blocks - 1));
            if (!inChunks || last < Run) return;
            for (var n = blocks; chunks == 1 && n > 1; n--)
                if (blocks % n == 0 && blocks / n * Run >= ChunkMin) chunks = n;
        }

        public int Run { get; }

        /// <summary>Tiles of a chunk; those of the last block that would make nothing are left out.</summary>
        public int Count => Run * (blocks / chunks - 1) + last;

        /// <summary>Outputs that whole blocks make.</summary>
        public int Painted => 2 * Run * blocks;

        /// <summary>Outputs of one chunk.</summary>
        public int PaintedByChunk => Painted / chunks;

        /// <summary>Pixels that whole blocks see.</summary>
        public int Seen => Painted + 2 * Run;

        public TileRow Of(Image image) => new(blocks / chunks, Run * image.Pixel, last * image.Pixel);
    }
}
