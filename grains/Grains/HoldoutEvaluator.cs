using System.Collections.Concurrent;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>Evaluates versions on labelled windows that none of them is trained on, on the compute pool; a version is evaluated once.</summary>
public sealed class HoldoutEvaluator(IHeldOutWindows heldOut, IComputePool pool, GlobalModels models)
{
    private static readonly int[] incidents = [.. Enumerable.Range(0, ActivityClasses.Count).Where(c => ActivityClasses.IsIncident((ActivityClass)c))];
    private readonly ConcurrentDictionary<string, Classification> evaluated = new();

    /// <summary>Null where no windows are held out, or they are not what the model learns from.</summary>
    public async Task<HoldoutComparison?> Compare(ModelInfo released, ModelInfo candidate) =>
        await Evaluate(released) is { } before && await Evaluate(candidate) is { } after ? new HoldoutComparison(before, after, incidents) : null;

    /// <summary>Null where no windows are held out, or they are not what the model learns from.</summary>
    public async Task<Classification?> Evaluate(ModelInfo version)
    {
        if (heldOut.Windows.Count == 0 || version.Spec.Input != LearningInput.Windows) return null;
        if (evaluated.TryGetValue(version.Hash, out var known)) return known;
        var model = await models.Load(version);
        var result = await pool.Run(() => model.Runtime.With(workspace =>
            Evaluation.Of(model.Runtime.Model, model.Weights.Span, model.Runtime.Examples(heldOut.Windows), workspace).Classification));
        if (evaluated.Count >= Limits.EvaluatedVersions) evaluated.Clear();
        return evaluated[version.Hash] = result;
    }
}
