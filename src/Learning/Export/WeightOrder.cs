namespace CitySafeSense.Learning;

/// <summary>Weights in the order that exchange formats want them.</summary>
internal static class WeightOrder
{
    /// <summary>[height, width, inputs, outputs] as [outputs, inputs, height, width].</summary>
    public static T[] OutputsFirst<T>(ReadOnlySpan<T> weights, Window window, int inputs, int outputs) => Reorder(weights, window, inputs, outputs, outputsFirst: true);

    /// <summary>[height, width, inputs, outputs] as [inputs, outputs, height, width].</summary>
    public static T[] InputsFirst<T>(ReadOnlySpan<T> weights, Window window, int inputs, int outputs) => Reorder(weights, window, inputs, outputs, outputsFirst: false);

    private static T[] Reorder<T>(ReadOnlySpan<T> weights, Window window, int inputs, int outputs, bool outputsFirst)
    {
        var ordered = new T[weights.Length];
        var taps = window.Taps;
        for (var tap = 0; tap < taps; tap++)
            for (var i = 0; i < inputs; i++)
                for (var o = 0; o < outputs; o++)
                    ordered[(outputsFirst ? o * inputs + i : i * outputs + o) * taps + tap] = weights[(tap * inputs + i) * outputs + o];
        return ordered;
    }
}
