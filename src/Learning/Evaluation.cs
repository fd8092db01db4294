namespace CitySafeSense.Learning;

/// <summary>A classifier's answers for every row of some examples, and its mean loss on them.</summary>
public sealed record Evaluation(Classification Classification, double Loss)
{
    public static Evaluation Of(IModel model, ReadOnlySpan<float> weights, Examples examples, ModelWorkspace workspace)
    {
        var classification = new Classification(model.Outputs);
        var loss = 0.0;
        model.Infer(weights, examples, workspace, (row, logits) =>
        {
            classification.Add(examples.Label(row), Classification.ArgMax(logits));
            loss += model.LossOf(logits, examples, row);
        });
        return new(classification, examples.Count == 0 ? double.NaN : loss / examples.Count);
    }
}
