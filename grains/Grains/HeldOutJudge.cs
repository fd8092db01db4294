using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Learning;

namespace CitySafeSense.Grains;

/// <summary>Judges versions by windows that were held out for it, on the compute pool.</summary>
public sealed class HeldOutJudge(IHeldOutWindows heldOut, IComputePool pool, GlobalModels models)
{
    /// <summary>Nothing where no windows are held out, or they are not what the model learns from.</summary>
    public async Task<HeldOutAccuracy?> Compare(ModelInfo released, ModelInfo candidate)
    {
        if (heldOut.Windows.Count == 0 || candidate.Spec.Input != LearningInput.Windows) return null;
        var (before, after) = (await models.Load(released), await models.Load(candidate));
        return await pool.Run(() => new HeldOutAccuracy(Accuracy(before), Accuracy(after)));
    }

    private double Accuracy(LoadedModel model) => model.Runtime.With(workspace =>
        Evaluation.Of(model.Runtime.Model, model.Weights.Span, model.Runtime.Examples(heldOut.Windows), workspace).Classification.Accuracy);
}
