using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>The example itself.</summary>
internal sealed class InputOperation(Kernels kernels, Image value) : Operation(kernels, Activation.None, value, value)
{
    protected override void Compute(ReadOnlySpan<float> weights)
    {
    }

    protected override void Differentiate(Span<float> weightGradient)
    {
    }
}

/// <summary>The sum of two.</summary>
internal sealed class AddOperation(Kernels kernels, AddNode node, Operation first, Operation second, Image value, Image gradient, bool firstGoesBack, bool secondGoesBack)
    : Operation(kernels, node.Activation, value, gradient)
{
    protected override bool Rectifies => true;

    protected override void Compute(ReadOnlySpan<float> weights)
    {
        for (var y = 0; y < Value.Shape.Height; y++) Kernels.Sum(first.Value.Pixels(y), second.Value.Pixels(y), Floor, Value.Pixels(y));
    }

    protected override void Differentiate(Span<float> weightGradient)
    {
        if (firstGoesBack) Contribute(first);
        if (secondGoesBack) Contribute(second);
    }

    private void Contribute(Operation input)
    {
        var isFirst = IsFirst(input);
        if (ReferenceEquals(input.Gradient, Gradient)) return; // nobody else contributes to it
        for (var y = 0; y < Gradient.Shape.Height; y++)
        {
            if (isFirst) Gradient.Pixels(y).CopyTo(input.Gradient.Pixels(y));
            else Kernels.Add(Gradient.Pixels(y), input.Gradient.Pixels(y));
        }
    }
}

/// <summary>The mean of every channel.</summary>
internal sealed class GlobalAverageOperation(Kernels kernels, Operation input, Image value, Image gradient, bool goesBack) : Operation(kernels, Activation.None, value, gradient)
{
    private readonly float share = 1f / (input.Value.Shape.Height * input.Value.Shape.Width);

    protected override void Compute(ReadOnlySpan<float> weights)
    {
        var mean = Value.Pixels(0);
        mean.Clear();
        for (var y = 0; y < input.Value.Shape.Height; y++) Kernels.AddRows(input.Value.Pixels(y), mean);
        Kernels.Scale(share, mean);
    }

    protected override void Differentiate(Span<float> weightGradient)
    {
        if (!goesBack) return;
        var gradient = Gradient.Pixels(0);
        if (IsFirst(input)) input.Gradient.All.Clear();
        for (var y = 0; y < input.Gradient.Shape.Height; y++)
        {
            var pixels = input.Gradient.Pixels(y);
            for (var x = 0; x < input.Gradient.Shape.Width; x++) Kernels.AddScaled(share, gradient, pixels.Slice(x * gradient.Length, gradient.Length));
        }
    }
}

/// <summary>The largest of every 2 x 2 pixels; the gradient goes to the first of the largest.</summary>
internal sealed class MaxPoolOperation(Kernels kernels, Operation input, Image value, Image gradient, bool goesBack) : Operation(kernels, Activation.None, value, gradient)
{
    protected override void Compute(ReadOnlySpan<float> weights)
    {
        var x = input.Value;
        for (var row = 0; row < Value.Shape.Height; row++) Kernels.MaximumOfFour(x.Row, ref x[x.At(2 * row, 0)], ref Value[Value.At(row, 0)], Value.Pixel, Value.Shape.Width);
    }

    protected override void Differentiate(Span<float> weightGradient)
    {
        if (!goesBack) return;
        var x = input.Value;
        // Pixels at an odd end are in no square; else each is in one, and nothing of another example stays.
        var (isFirst, isOdd) = (IsFirst(input), x.Shape.Height % 2 != 0 || x.Shape.Width % 2 != 0);
        if (isFirst && isOdd) input.Gradient.All.Clear();
        for (var row = 0; row < Value.Shape.Height; row++)
        {
            var (from, at) = (x.At(2 * row, 0), Value.At(row, 0));
            Kernels.MaximumOfFourBackward(x.Row, ref x[from], ref Value[at], ref Gradient[Gradient.At(row, 0)], ref input.Gradient[from], Value.Pixel, Value.Shape.Width, adds: !isFirst);
        }
    }
}
