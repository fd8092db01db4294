using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>What is checked of a batch before any work, said in one place.</summary>
internal static class BatchGuard
{
    public static void Check(Network network, ReadOnlySpan<float> weights, Examples examples, ReadOnlySpan<int> rows, ReadOnlySpan<float> gradient)
    {
        if (weights.Length != network.Layout.Length || gradient.Length != network.Layout.Length)
            throw new ArgumentException($"{network.Name} has {network.Layout.Length} parameters; weights of {weights.Length} and a gradient of {gradient.Length} do not fit");
        if (examples.InputLength != network.InputLength)
            throw new ArgumentException($"{network.Name} takes inputs of {network.InputLength} values, not {examples.InputLength}");
        if (rows.IsEmpty) throw new ArgumentException("a batch has at least one row");
        if (!Kernels.Chosen.AreFinite(weights)) throw new ArgumentException(FirstNotFinite("parameter", weights) + ": training diverged (lower the learning rate) or these are not weights");
        var total = 0.0;
        foreach (var row in rows)
        {
            if ((uint)row >= (uint)examples.Count) throw new ArgumentException($"there is no row {row}; there are {examples.Count}");
            network.Loss.Check(network, examples, row);
            if (!Kernels.Chosen.AreFinite(examples.Input(row))) throw new ArgumentException($"row {row}: " + FirstNotFinite("value", examples.Input(row)) + "; a sensor that is silent has its presence bit off instead");
            total += network.Loss.WeightOf(examples, row);
        }
        if (!(total > 0)) throw new ArgumentException("every row of the batch has a class that counts nothing");
    }

    private static string FirstNotFinite(string what, ReadOnlySpan<float> values)
    {
        var i = 0;
        while (float.IsFinite(values[i])) i++;
        return $"{what} {i} of {values.Length} is {values[i]}";
    }
}
