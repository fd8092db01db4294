using System.Globalization;
using CitySafeSense.Learning;

namespace CitySafeSense.Federation;

/// <summary>What the released version and a candidate answered on the same labelled windows, which neither was trained on.</summary>
/// <param name="Incidents">Classes that raise an alarm.</param>
public sealed record HoldoutComparison(Classification Released, Classification Candidate, IReadOnlyList<int> Incidents)
{
    /// <summary>Accuracy of the candidate minus that of the released version.</summary>
    public double Gain => Candidate.Accuracy - Released.Accuracy;

    /// <summary>Whether the released version has nothing to lose: it answers one class only, or never an incident.</summary>
    public bool IsReleasedDegenerate => Released.AnsweredClasses <= 1 || Incidents.All(c => Released.Predictions(c) == 0);

    /// <summary>Whether the gain is at least this and more than two standard errors.</summary>
    public bool IsClearGain(double gainMin)
    {
        double before = Released.Accuracy, after = Candidate.Accuracy;
        return Gain >= gainMin && Gain > 2 * Math.Sqrt((before * (1 - before) + after * (1 - after)) / Released.Total);
    }

    /// <summary>Both accuracies, for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"held-out accuracy {Candidate.Accuracy:P1}, released version {Released.Accuracy:P1}");

    /// <summary>Why the candidate must not go on, or null: less accurate, or without a clear gain an incident class missed or alarmed more often, beyond chance.</summary>
    internal string? Regression(ReleasePolicy policy)
    {
        if (Gain < -policy.AccuracyLossMax) return "less accurate";
        if (IsReleasedDegenerate || IsClearGain(policy.ClearGainMin)) return null;
        foreach (var c in Incidents.Where(c => Released.Truths(c) > 0))
        {
            double before = Released.Recall(c), after = Candidate.Recall(c), windows = Released.Truths(c);
            var chance = 2 * Math.Sqrt((before * (1 - before) + after * (1 - after)) / windows);
            if (before - after > policy.RecallLossMax + chance) return Described($"recall of class {c} falls from {before:P1} to {after:P1}");
            var (others, falseBefore, falseAfter) = (Released.Total - windows, Released.FalsePositiveRate(c), Candidate.FalsePositiveRate(c));
            var spread = 3 * Math.Sqrt((falseAfter + policy.AlarmFactorMax * policy.AlarmFactorMax * falseBefore) / others);
            if (falseAfter - policy.AlarmFactorMax * falseBefore > spread) return Described($"false alarms of class {c} rise from {falseBefore:P1} to {falseAfter:P1}");
        }
        return null;
    }

    private static string Described(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
