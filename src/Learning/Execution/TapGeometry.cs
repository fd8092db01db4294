using System.Runtime.InteropServices;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// How the pixels of a small image and of a big one meet through a window: gathered from the big one, scattered into it, or
/// multiplied with each other. A convolution gathers forward and scatters its gradient; its transpose does it the other way round.
/// </summary>
/// <remarks>Values and gradients of a layer are laid out alike, so one geometry serves both.</remarks>
internal sealed class TapGeometry
{
    private readonly Kernels kernels;
    private readonly Window window;
    private readonly Shape big, small;
    private readonly int bigPixel, bigRow, bigOrigin, smallPixel, smallRow, smallOrigin;
    private readonly int[] gatherFrom, gatherWeights;
    private readonly Phase[] phases;
    private readonly int[][] rowsOfBig;
    private readonly int[] rowsOfSmall;
    private readonly int gatherTerms, sideBySide;

    public TapGeometry(Kernels kernels, Window window, Image big, Image small)
    {
        (this.kernels, this.window, this.big, this.small) = (kernels, window, big.Shape, small.Shape);
        (bigPixel, bigRow, bigOrigin) = (big.Pixel, big.Row, big.Origin);
        (smallPixel, smallRow, smallOrigin) = (small.Pixel, small.Row, small.Origin);
        // Taps that lie side by side in memory are one longer sum.
        sideBySide = window.Dilation == 1 && big.Shape.Channels == big.Pixel ? window.Width : 1;
        gatherTerms = sideBySide * big.Shape.Channels;
        gatherFrom = Taps(sideBySide, (y, x) => (y - window.Top) * bigRow + (x * window.Dilation - window.Left) * bigPixel);
        gatherWeights = Taps(sideBySide, (y, x) => (y * window.Width + x) * big.Shape.Channels * smallPixel);
        phases = [.. Enumerable.Range(0, window.Stride * window.Stride).Select(p => PhaseOf(p / window.Stride, p % window.Stride))];
        rowsOfBig = [.. gatherFrom.Select(tap => Enumerable.Range(0, small.Shape.Height).Select(y => bigOrigin + y * window.Stride * bigRow + tap).ToArray())];
        rowsOfSmall = [.. Enumerable.Range(0, small.Shape.Height).Select(y => small.At(y, 0))];
    }

    /// <summary>The border that images need on either side of this window.</summary>
    public static (Border Big, Border Small) Borders(Window window, Shape big, Shape small)
    {
        var bottom = Math.Max(0, (small.Height - 1) * window.Stride + window.Height - 1 - window.Top - (big.Height - 1));
        var right = Math.Max(0, (small.Width - 1) * window.Stride + (window.Width - 1) * window.Dilation - window.Left - (big.Width - 1));
        var reversed = new Border(
            Math.Max(0, CeilingOf(window.Height - 1 - window.Top, window.Stride)), Math.Max(0, CeilingOf((window.Width - 1) * window.Dilation - window.Left, window.Stride)),
            Math.Max(0, (big.Height - 1 + window.Top) / window.Stride - (small.Height - 1)), Math.Max(0, (big.Width - 1 + window.Left) / window.Stride - (small.Width - 1)));
        return (new Border(window.Top, window.Left, bottom, right), reversed);
    }

    /// <summary>small = start + sum over taps of big times weights [taps, big channels, small pixel].</summary>
    /// <param name="start">[small pixel], such as a bias, or empty: then the sum is added to what small holds.</param>
    public void Gather(Image from, ReadOnlySpan<float> weights, ReadOnlySpan<float> start, Image into)
    {
        var product = new Product
        {
            Right = ref MemoryMarshal.GetReference(weights),
            LeftAt = gatherFrom,
            RightAt = gatherWeights,
            LeftRow = window.Stride * bigPixel,
            LeftStep = 1,
            RightStep = smallPixel,
            TargetRow = smallPixel,
            StartRow = start.IsEmpty ? smallPixel : 0,
            Terms = gatherTerms,
            Rows = small.Width,
            Columns = smallPixel,
        };
        for (var y = 0; y < small.Height; y++)
        {
            product.Left = ref from[bigOrigin + y * window.Stride * bigRow];
            product.Target = ref into[smallOrigin + y * smallRow];
            product.Start = ref start.IsEmpty ? ref product.Target : ref MemoryMarshal.GetReference(start);
            kernels.Multiply(product);
        }
    }

    /// <summary>big = start + small, painted through the window, times weights [taps, small channels, big pixel].</summary>
    /// <remarks>Pixels of the big image that lie a stride apart are seen by the same taps: each such phase is gathered from the small one.</remarks>
    /// <param name="start">[big pixel], such as a bias, or empty: then the sum is added to what big holds.</param>
    public void Scatter(Image from, ReadOnlySpan<float> weights, ReadOnlySpan<float> start, Image into)
    {
        var product = new Product
        {
            Right = ref MemoryMarshal.GetReference(weights),
            LeftRow = smallPixel,
            LeftStep = 1,
            RightStep = bigPixel,
            TargetRow = window.Stride * bigPixel,
            StartRow = start.IsEmpty ? window.Stride * bigPixel : 0,
            Terms = small.Channels,
            Columns = bigPixel,
        };
        foreach (var phase in phases)
        {
            product.LeftAt = phase.From;
            product.RightAt = phase.Weights;
            if (phase.Column >= big.Width) continue;
            product.Rows = (big.Width - phase.Column + window.Stride - 1) / window.Stride;
            for (var y = phase.Row; y < big.Height; y += window.Stride)
            {
                product.Left = ref from[smallOrigin + y / window.Stride * smallRow];
                product.Target = ref into[bigOrigin + y * bigRow + phase.Column * bigPixel];
                product.Start = ref start.IsEmpty ? ref product.Target : ref MemoryMarshal.GetReference(start);
                kernels.Multiply(product);
            }
        }
    }

    /// <summary>gradient [taps, big channels, small pixel] += big times small, over all pixels.</summary>
    public void Correlate(Image big, Image small, Span<float> gradient)
    {
        var product = new Product
        {
            Left = ref big[0],
            Right = ref small[0],
            RightAt = rowsOfSmall,
            LeftRow = 1,
            LeftStep = window.Stride * bigPixel,
            RightStep = smallPixel,
            TargetRow = smallPixel,
            StartRow = smallPixel,
            Terms = this.small.Width,
            Rows = gatherTerms,
            Columns = smallPixel,
        };
        for (var tap = 0; tap < gatherFrom.Length; tap++)
        {
            product.LeftAt = rowsOfBig[tap];
            product.Target = ref gradient[gatherWeights[tap]];
            product.Start = ref product.Target;
            kernels.Multiply(product);
        }
    }

    /// <summary>gradient [taps, small channels, big pixel] += small times big, over all pixels.</summary>
    public void CorrelateTransposed(Image big, Image small, Span<float> gradient)
    {
        var product = new Product
        {
            Left = ref small[0],
            Right = ref big[0],
            LeftAt = rowsOfSmall,
            LeftRow = 1,
            LeftStep = smallPixel,
            RightStep = window.Stride * bigPixel,
            TargetRow = bigPixel,
            StartRow = bigPixel,
            Terms = this.small.Width,
            Rows = this.small.Channels,
            Columns = bigPixel,
        };
        for (var tap = 0; tap < window.Taps; tap++)
        {
            var first = tap % sideBySide;
            var rows = rowsOfBig[tap / sideBySide];
            product.Right = ref big[first * bigPixel];
            product.RightAt = rows;
            product.Target = ref gradient[tap * this.small.Channels * bigPixel];
            product.Start = ref product.Target;
            kernels.Multiply(product);
        }
    }

    /// <summary>The taps that see pixels (row + n stride, column + m stride) of the big image, and from which pixel of the small one beside (n, m).</summary>
    private Phase PhaseOf(int row, int column)
    {
        var (from, weights) = (new List<int>(), new List<int>());
        for (var tap = 0; tap < window.Taps; tap++)
        {
            var y = row + window.Top - tap / window.Width;
            var x = column + window.Left - tap % window.Width * window.Dilation;
            if (y % window.Stride != 0 || x % window.Stride != 0) continue;
            from.Add(y / window.Stride * smallRow + x / window.Stride * smallPixel);
            weights.Add(tap * small.Channels * bigPixel);
        }
        return new(row, column, [.. from], [.. weights]);
    }

    private static int CeilingOf(int n, int divisor) => n < 0 ? 0 : (n + divisor - 1) / divisor;

    private int[] Taps(int sideBySide, Func<int, int, int> offset) =>
        [.. Enumerable.Range(0, window.Taps).Where(t => t % sideBySide == 0).Select(t => offset(t / window.Width, t % window.Width))];

    /// <param name="From">Where the products begin in the small image, for each tap.</param>
    /// <param name="Weights">And in the weights.</param>
    private sealed record Phase(int Row, int Column, int[] From, int[] Weights);
}
