using CitySafeSense.City;
using CitySafeSense.Grains;
using CitySafeSense.Learning;
using CitySafeSense.Sdk;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.Cli.Verbs;

/// <summary>The newest and the released version on people no device was, beside a linear classifier that saw everybody's windows at once.</summary>
internal sealed record DemoJudgement(int NewestVersion, Classification Newest, int ReleasedVersion, Classification Released, Classification Linear)
{
    private const int NewPeople = 60, BaselinePeople = 150, Windows = 40;

    /// <param name="devices">The devices were people 0 to this; the new ones come after them.</param>
    public static async Task<DemoJudgement> Of(CitySafeClient client, ulong seed, int devices, CancellationToken cancellation)
    {
        var models = await client.Models(cancellation);
        var (newest, released) = (models.Versions[0], models.Versions.Single(v => v.Version == models.Release.Released));
        var test = Draw(seed, devices, NewPeople);
        var runtime = new ModelRuntime(ModelRuntime.SpecFor(ActivityClasses.Count, ChannelScaling.Nominal(WindowSchema.Default)));
        var examples = runtime.Examples([.. test.Select(w => (w.Window, (int)w.Label))]);
        async Task<Classification> Judge(string hash)
        {
            var weights = ParameterVector.FromBytes(await client.Weights(hash, cancellation));
            return runtime.With(workspace => Evaluation.Of(runtime.Model, weights.Values, examples, workspace)).Classification;
        }
        return new(newest.Version, await Judge(newest.Hash), released.Version, await Judge(released.Hash), LinearBaseline.Judge(Draw(seed, 0, Math.Min(BaselinePeople, devices)), test));
    }

    private static IReadOnlyList<LabelledWindow> Draw(ulong seed, int from, int people) =>
        [.. Enumerable.Range(from, people).SelectMany(p => SyntheticPeople.Draw(seed, p, Windows))];
}
