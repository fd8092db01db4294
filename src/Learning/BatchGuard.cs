namespace CitySafeSense.Learning;

/// <summary>What every model checks before it works on a batch, said in one place.</summary>
internal static class BatchGuard
{
    public static void Check(IModel model, ReadOnlySpan<float> weights, Examples examples, ReadOnlySpan<int> rows, ReadOnlySpan<float> gradient)
    {
        if (weights.Length != model.Layout.Length || gradient.Length != model.Layout.Length)
            throw new ArgumentException($"{model.Name} has {model.Layout.Length} parameters; weights of {weights.Length} and a gradient of {gradient.Length} do not fit");
        if (examples.InputLength != model.InputLength)
            throw new ArgumentException($"{model.Name} takes inputs of {model.InputLength} values, not {examples.InputLength}");
        if (rows.IsEmpty) throw new ArgumentException("a batch has at least one row");
        foreach (var row in rows)
            if ((uint)examples.Label(row) >= (uint)model.Classes)
                throw new ArgumentException($"row {row} has label {examples.Label(row)}; {model.Name} knows 0 to {model.Classes - 1}");
    }
}
