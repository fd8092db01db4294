using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.EmbeddedOrleans;
using CitySafeSense.EmbeddedOrleans.Deterministic;
using CitySafeSense.Grains;
using CitySafeSense.Hotspots;
using CitySafeSense.InProcess;
using CitySafeSense.Numerics;
using CitySafeSense.Silo.Ports;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace CitySafeSense.Tests.Deterministic;

/// <summary>The city's own grains on the deterministic host: from the log to the cells, through crashes and whatever else goes wrong.</summary>
public sealed class CityStoryTests
{
    private const long Noon = 1_772_452_800;
    private const int Windows = 120;

    private static readonly Faults Everything = new() { ActivationDies = 0.002, CallIsLost = 0.01, CommitFails = 0.02, CommitIsSlow = 0.02 };

    [Fact]
    public void What_was_acknowledged_is_in_its_cell_once_whatever_goes_wrong()
    {
        for (var seed = 1UL; seed <= 60; seed++)
        {
            var city = Play(seed, Everything);
            Assert.True(city.Faults > 0, $"seed {seed}: nothing went wrong");
            foreach (var (cell, acknowledged) in city.Acknowledged) Assert.True(city.Counted[cell] == acknowledged, $"seed {seed}: {acknowledged} acknowledged in {cell}, {city.Counted[cell]} counted");
        }
    }

    [Fact]
    public void Store_that_acknowledges_too_early_is_found()
    {
        var lossy = Everything with { AcknowledgeBeforeSync = true };
        Assert.Contains(Enumerable.Range(1, 60), seed => Play((ulong)seed, lossy) is var city && city.Acknowledged.Any(a => city.Counted[a.Key] != a.Value));
    }

    [Fact]
    public void Same_seed_is_the_same_city_turn_for_turn()
    {
        var (once, again, other) = (Play(11, Everything), Play(11, Everything), Play(12, Everything));
        Assert.Equal((once.Hash, once.Faults), (again.Hash, again.Faults));
        Assert.NotEqual(once.Hash, other.Hash);
    }

    private static Outcome Play(ulong seed, Faults faults)
    {
        var run = new DeterministicRun(seed, faults, DateTimeOffset.FromUnixTimeSeconds(Noon));
        var outcome = new Outcome();
        run.Attend(outcome);
        run.Play(() => Story(run, outcome, seed), TimeSpan.FromHours(2));
        outcome.Hash = run.TraceHash;
        return outcome;
    }

    /// <summary>Devices send until each window is acknowledged, twice and out of order for good measure; now and then everything crashes.</summary>
    private static async Task Story(DeterministicRun run, Outcome outcome, ulong seed)
    {
        var world = new World(run);
        var rng = Rng.For(seed, "story");
        CellId[] cells = [.. H3.GridDisk(H3.LatLngToCell(new LatLng(-23.55, -46.63), 9), 1)];
        foreach (var cell in cells) outcome.Acknowledged[cell.ToString()] = 0;
        for (var window = 0; window < Windows; window += 4)
        {
            var batch = ImmutableArray.CreateRange(Enumerable.Range(window, 4).Select(w => Entry(w, cells[w % cells.Length])));
            await Send(world, run, batch);
            foreach (var entry in batch) outcome.Acknowledged[new CellId(entry.Cell).ToString()]++;
            if (rng.Chance(0.3)) await Send(world, run, batch);
            if (rng.Chance(0.15)) await world.Crash();
        }
        await world.Crash();
        await Settle(world, run);
        foreach (var cell in cells) outcome.Counted[cell.ToString()] = (await Insist(run, () => world.Grains.GetGrain<IHotspotCellGrain>(cell.ToString()).View())).Counted;
    }

    private static Task Send(World world, DeterministicRun run, ImmutableArray<LogEntry> batch) => Insist(run, () => world.Grains.GetGrain<IIngestLogGrain>(0).Append(batch));

    private static async Task Settle(World world, DeterministicRun run)
    {
        await Insist(run, async () =>
        {
            await world.Grains.GetGrain<IIngestLogGrain>(0).Resume();
            return true;
        });
        while (await Insist(run, () => world.Grains.GetGrain<IIngestLogGrain>(0).Pending()) > 0) await Task.Delay(TimeSpan.FromMilliseconds(100), run.Time);
    }

    /// <summary>As a device does: what is not answered is sent again.</summary>
    private static async Task<T> Insist<T>(DeterministicRun run, Func<Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (e is IOException or TimeoutException or OrleansException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), run.Time);
            }
        }
    }

    private static LogEntry Entry(int window, CellId cell) =>
        new((ulong)(window % 7), (ulong)(window % 7), 1, (ulong)(window / 7), Noon + window % 60, cell.Value, 1, 0.9f, 0, 0, (ulong)window, (ulong)window);

    /// <summary>A checker from outside: counts what went wrong, and keeps the books.</summary>
    private sealed class Outcome : IScheduleWitness
    {
        public SortedDictionary<string, long> Acknowledged { get; } = new(StringComparer.Ordinal);
        public SortedDictionary<string, long> Counted { get; } = new(StringComparer.Ordinal);
        public int Faults { get; private set; }
        public string Hash { get; set; } = "";

        public void Turn(long number, TimeSpan at, string who, string what)
        {
        }

        public void Fault(TimeSpan at, string what) => Faults++;
    }

    /// <summary>The city's grains and their ports on simulated disks.</summary>
    private sealed class World
    {
        private readonly DeterministicRun run;
        private readonly SimulatedStore ingest, cells;
        private ActorHost host;

        public World(DeterministicRun run)
        {
            this.run = run;
            (ingest, cells) = (new SimulatedStore(run, "ingest"), new SimulatedStore(run, "cells"));
            host = Start();
        }

        public IGrainFactory Grains => host;

        public Task Crash()
        {
            run.Crash(host);
            ingest.Crash();
            cells.Crash();
            host = Start();
            return Task.CompletedTask;
        }

        private ActorHost Start()
        {
            var services = new ServiceCollection()
                .AddSingleton(new CityOptions { Privacy = PrivacyMode.Simulation })
                .AddSingleton<TimeProvider>(run.Time)
                .AddSingleton<ICityClock>(new RealCityClock(run.Time))
                .AddSingleton<IObservationLog>(new SimulatedObservationLog(ingest))
                .AddSingleton<IBlobStore>(new SimulatedBlobStore(cells))
                .AddSingleton<IComputePool>(new SimulatedComputePool(run))
                .AddKeyedSingleton<IGrainStorage>("cells", new SimulatedGrainStorage(cells))
                .BuildServiceProvider();
            return run.StartHost(services, new ActorHostOptions
            {
                GrainAssemblies = [typeof(IngestLogGrain).Assembly],
                ContractAssemblies = [typeof(IIngestLogGrain).Assembly],
                ResponseTimeout = TimeSpan.FromSeconds(5),
            });
        }
    }
}
