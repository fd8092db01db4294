using CitySafeSense.Federation;
using CitySafeSense.Privacy;

namespace CitySafeSense.InProcess;

/// <summary>What clients that lie do to a round.</summary>
public enum Lie
{
    /// <summary>The honest update times -10.</summary>
    SignFlip,

    /// <summary>They train on labels turned round: class c becomes the last but c.</summary>
    LabelFlip,

    /// <summary>"A little is enough" (Baruch et al. 2019): together, the mean of what they would have sent minus 1.5 deviations of it, coordinate by coordinate.</summary>
    ALittle,
}

/// <summary>Who lies, and how.</summary>
public sealed record Liars(Lie Lie, IReadOnlySet<string> Names)
{
    public const string Lies = "sign-flip, label-flip, a-little";

    /// <exception cref="ArgumentException">There is no such lie.</exception>
    public static Lie Parse(string name) => name switch
    {
        "sign-flip" => Lie.SignFlip,
        "label-flip" => Lie.LabelFlip,
        "a-little" => Lie.ALittle,
        _ => throw new ArgumentException($"\"{name}\" is no lie; choose from {Lies}"),
    };
}

/// <summary>Stands where reports come in: what liars send is replaced before anything of the server's sees it.</summary>
internal sealed class LyingAggregationFactory(IAggregationFactory honest, Liars liars) : IAggregationFactory
{
    public Aggregation Create(RoundPlan plan, int length, double normMax, int candidates, int invited) =>
        new LyingAggregation(honest.Create(plan, length, normMax, candidates, invited), liars, length);

    private sealed class LyingAggregation(Aggregation inner, Liars liars, int length) : Aggregation(length, ClippedUpdate.NormMaxLimit)
    {
        private readonly SortedDictionary<string, ClippedUpdate> held = new(StringComparer.Ordinal);

        public override float[] Finish()
        {
            if (held.Count > 0)
            {
                var lie = Together();
                foreach (var (name, update) in held) inner.Add(name, lie, update.Weight);
            }
            return inner.Finish();
        }

        protected override void Take(string participant, ClippedUpdate update)
        {
            if (!liars.Names.Contains(participant) || liars.Lie == Lie.LabelFlip) inner.Add(participant, update.Delta, update.Weight);
            else if (liars.Lie == Lie.ALittle) held.Add(participant, update);
            else inner.Add(participant, [.. update.Delta.ToArray().Select(d => -10 * d)], update.Weight);
        }

        private float[] Together()
        {
            var lie = new float[Length];
            for (var i = 0; i < lie.Length; i++)
            {
                var mean = held.Values.Average(u => (double)u.Delta[i]);
                lie[i] = (float)(mean - 1.5 * Math.Sqrt(held.Values.Average(u => (u.Delta[i] - mean) * (u.Delta[i] - mean))));
            }
            return lie;
        }
    }
}
