using System.Globalization;

namespace CitySafeSense.Cli.Verbs;

/// <summary>What `--dp EPSILON:NOISE[:adapt]` says.</summary>
internal sealed record PrivacyBudget(double Epsilon, double NoiseMultiplier, bool AdaptsClipping)
{
    /// <exception cref="ArgumentException">It says none.</exception>
    public static PrivacyBudget Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length is not (2 or 3) || (parts.Length == 3 && parts[2] != "adapt")
            || !double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var budget)
            || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var noise))
            throw new ArgumentException($"--dp {text}: EPSILON:NOISE is needed, such as 8:1.1, or 8:1.1:adapt");
        return new(budget, noise, parts.Length == 3);
    }
}
