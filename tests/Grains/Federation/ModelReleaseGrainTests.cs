using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Grains;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;
using Microsoft.Extensions.DependencyInjection;

namespace CitySafeSense.Tests.Federation;

/// <summary>Versions on their way to devices that ingest windows.</summary>
public class ModelReleaseGrainTests
{
    private const int Devices = 40;
    private static readonly ModelSpec Spec = ModelRuntime.SpecFor(ActivityClasses.Count, ChannelScaling.Nominal(WindowSchema.Default));
    private static readonly SensorWindow[] Windows = [.. SyntheticPeople.Draw(1, 0, 40).Select(w => w.Window)];

    [Fact]
    public async Task Version_that_alarms_all_the_time_is_taken_back_and_a_good_one_reaches_some_devices_then_all()
    {
        await using var cluster = new InProcessCluster(new CityOptions { Privacy = PrivacyMode.Simulation }, 1, 1);
        var city = new City(cluster);
        await city.Commit(0, city.Biased(ActivityClass.Walking));
        var first = await city.Commit(1, city.Biased(ActivityClass.Walking, 1));
        await city.Until(seen => seen.SetEquals([first.Hash]));

        var alarming = await city.Commit(2, city.Biased(ActivityClass.Mugging));
        var view = await city.UntilView(v => v.Events.Any(e => e.Version == alarming.Version && e.What.StartsWith("rejected: alarms at", StringComparison.Ordinal)));
        Assert.Equal((first.Version, 0), (view.Released, view.Candidate));
        Assert.DoesNotContain(alarming.Hash, city.Heard); // in the shadow nobody heard it

        var good = await city.Commit(3, city.Biased(ActivityClass.Walking, 2));
        await city.UntilView(v => v.Candidate == good.Version && v.Stage == "Canary");
        await city.Until(seen => seen.SetEquals([first.Hash, good.Hash]));
        await city.UntilView(v => v.Released == good.Version);
        await city.Until(seen => seen.SetEquals([good.Hash]));

        var release = cluster.Grains.GetGrain<IModelReleaseGrain>("default");
        var back = await release.Rollback();
        Assert.Equal((first.Version, true), (back.Released, back.IsHeld));
        await city.Until(seen => seen.SetEquals([first.Hash]));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => release.Pin(99));
        Assert.Equal(good.Version, (await release.Pin(good.Version)).Released);
        Assert.Contains("name one", (await Assert.ThrowsAsync<InvalidOperationException>(() => release.Promote(null, force: false))).Message);
        var trial = await release.Promote(alarming.Version, force: false);
        Assert.Equal((alarming.Version, "Shadow"), (trial.Candidate, trial.Stage));
        Assert.Contains("windows seen", (await Assert.ThrowsAsync<InvalidOperationException>(() => release.Promote(null, force: false))).Message);
        Assert.Equal("Canary", (await release.Promote(null, force: true)).Stage);
        Assert.Equal(4, (await cluster.Grains.GetGrain<IModelGrain>("default").History()).Length); // releases never touch the lineage
    }

    /// <summary>Devices that ingest for as long as somebody waits.</summary>
    private sealed class City(InProcessCluster cluster)
    {
        private readonly ModelRuntime runtime = new(Spec);
        private ulong sequence;

        public List<string> Heard { get; } = [];

        /// <summary>Weights that answer with one class whatever the window.</summary>
        public ParameterVector Biased(ActivityClass answer, float by = 0)
        {
            var weights = new float[runtime.Model.Layout.Length];
            weights[^(ActivityClasses.Count - (int)answer)] = 5 + by;
            return new ParameterVector(weights);
        }

        public async Task<ModelInfo> Commit(int round, ParameterVector weights)
        {
            var hash = await cluster.Services.GetRequiredService<IBlobStore>().Put(weights.ToBytes());
            var models = cluster.Grains.GetGrain<IModelGrain>("default");
            return round == 0 ? await models.Initialise(Spec, 1, hash) : await models.Commit(new ModelCommit((await models.Current())!.Hash, hash, round, "fedavg", 8, 1, null, null));
        }

        public Task Until(Predicate<HashSet<string>> reached) => While(async () =>
        {
            var seen = new HashSet<string>();
            for (var d = 0; d < Devices; d++)
            {
                var frame = WindowFrame.Encode(new WindowHeader($"d{d}", 1, sequence++, 0, 0, 0, null), Windows[d % Windows.Length]);
                if ((await cluster.Grains.GetGrain<IDeviceGrain>($"d{d}").Ingest([.. frame])).Model is { } hash) seen.Add(hash);
            }
            Heard.AddRange(seen);
            return reached(seen);
        });

        public async Task<ReleaseView> UntilView(Predicate<ReleaseView> reached)
        {
            ReleaseView view = null!;
            await While(async () =>
            {
                await Until(_ => true);
                return reached(view = await cluster.Grains.GetGrain<IModelReleaseGrain>("default").Show());
            });
            return view;
        }

        private static async Task While(Func<Task<bool>> reached)
        {
            var patience = Task.Delay(TimeSpan.FromMinutes(2));
            while (!await reached())
                if (patience.IsCompleted) throw new TimeoutException("two minutes have passed");
        }
    }
}
