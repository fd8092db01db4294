using System.Globalization;
using CitySafeSense.Numerics;

namespace CitySafeSense.Sensing.Generator;

/// <summary>A window and what is true of it.</summary>
public readonly record struct LabelledWindow(SensorWindow Window, ActivityClass Label, Manoeuvre Manoeuvre = Manoeuvre.None);

/// <summary>Labelled windows of simulated people, each drawn from a stream of that person's own. People are the unit: split by person, never by window.</summary>
public static class SyntheticPeople
{
    /// <summary>How often each class occurs where a data set is drawn for learning: incidents far more often than in any real day.</summary>
    public static IReadOnlyList<double> LearningShares { get; } = [0.17, 0.26, 0.14, 0.10, 0.15, 0.09, 0.09];

    /// <param name="person">Index in the population of <paramref name="seed"/>; people of one seed never share a stream.</param>
    public static IReadOnlyList<LabelledWindow> Draw(ulong seed, int person, int windows, IReadOnlyList<double>? shares = null)
    {
        var rng = Rng.For(seed, "stream", person.ToString(CultureInfo.InvariantCulture));
        var signal = new PersonSignal(Person.Draw(seed, person), rng);
        var drawn = new LabelledWindow[windows];
        for (var i = 0; i < windows; i++)
        {
            var activity = DrawActivity(shares ?? LearningShares, rng);
            var manoeuvre = Manoeuvres.Draw(activity, rng);
            drawn[i] = new(signal.Next(activity, manoeuvre), activity, manoeuvre);
        }
        return drawn;
    }

    private static ActivityClass DrawActivity(IReadOnlyList<double> shares, Rng rng)
    {
        var u = rng.NextDouble() * shares.Sum();
        var c = 0;
        while (c < shares.Count - 1 && (u -= shares[c]) >= 0) c++;
        return (ActivityClass)c;
    }
}
