using CitySafeSense.Contracts;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Tests.Federation;

/// <summary>Learners for tests of rounds: small, and there is something to learn.</summary>
internal static class Clouds
{
    public static readonly ModelSpec Spec = new("mlp", 6, 1, 3, [], [], 1, "hidden=8", LearningInput.Examples);

    /// <summary>Three clouds of points; every learner sees one more often than the others.</summary>
    public static ExamplePopulation Of(int learners, int rows, params string[] newcomers) => new(Spec, Enumerable.Range(0, learners).ToDictionary(l => $"learner-{l:D2}", l =>
    {
        var rng = Rng.For(1, "cloud", $"{l}");
        Examples Draw(int n)
        {
            int[] labels = [.. Enumerable.Range(0, n).Select(_ => rng.Chance(0.4) ? l % 3 : rng.NextInt(3))];
            return new Examples([.. labels.SelectMany(y => Enumerable.Range(0, 6).Select(d => (float)rng.Gaussian(d % 3 == y ? 1.2 : 0, 1)))], labels, 6);
        }
        return new LearnerExamples(Draw(rows), Draw(30));
    }), newcomers);
}
