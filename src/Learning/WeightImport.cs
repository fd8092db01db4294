namespace CitySafeSense.Learning;

/// <summary>Weights from elsewhere, as arrays with names: [outputs, inputs] of dense layers, [outputs, inputs, taps] or [outputs, inputs, height, width] of convolutions, [outputs] of biases.</summary>
public static class WeightImport
{
    /// <summary>Finds the array of every tensor by its shape; arrays of one shape belong to tensors of that shape in order of their names.</summary>
    /// <exception cref="ArgumentException">A tensor finds no array, or an array no tensor; says which.</exception>
    public static float[] Of(ParameterLayout layout, IReadOnlyDictionary<string, (IReadOnlyList<int> Shape, float[] Values)> arrays)
    {
        var left = arrays.OrderBy(a => a.Key, StringComparer.Ordinal).ToList();
        var weights = new float[layout.Length];
        foreach (var tensor in layout.Tensors)
        {
            var expected = ForeignShape(tensor);
            var found = left.FindIndex(a => a.Value.Shape.SequenceEqual(expected));
            if (found < 0) throw new ArgumentException($"no array of shape ({string.Join(", ", expected)}) is left for {tensor.Name}; there are {string.Join(", ", left.Select(a => $"{a.Key} ({string.Join(", ", a.Value.Shape)})"))}");
            Transpose(left[found].Value.Values, tensor, weights.AsSpan(tensor.Offset, tensor.Length));
            left.RemoveAt(found);
        }
        return left.Count == 0 ? weights : throw new ArgumentException($"{string.Join(", ", left.Select(a => a.Key))} belong{(left.Count == 1 ? "s" : "")} to no layer");
    }

    /// <summary>Ours end with [inputs, outputs], theirs begin with [outputs, inputs].</summary>
    private static IReadOnlyList<int> ForeignShape(ParameterTensor tensor)
    {
        if (tensor.Shape.Count == 1) return tensor.Shape;
        int[] taps = [.. tensor.Shape.SkipLast(2)];
        return [tensor.Shape[^1], tensor.Shape[^2], .. taps is [1, var width] ? [width] : taps];
    }

    private static void Transpose(float[] foreign, ParameterTensor tensor, Span<float> ours)
    {
        if (tensor.Shape.Count == 1)
        {
            foreign.CopyTo(ours);
            return;
        }
        var (inputs, outputs) = (tensor.Shape[^2], tensor.Shape[^1]);
        var taps = tensor.Length / (inputs * outputs);
        for (var t = 0; t < taps; t++)
            for (var i = 0; i < inputs; i++)
                for (var o = 0; o < outputs; o++) ours[(t * inputs + i) * outputs + o] = foreign[(o * inputs + i) * taps + t];
    }
}
