using System.Runtime.InteropServices;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.EmbeddedOrleans;
using CitySafeSense.EmbeddedOrleans.Deterministic;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using CitySafeSense.Silo.Ports;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;

namespace CitySafeSense.InProcess;

/// <summary>What one seed's story came to.</summary>
public sealed record RoundStoryOutcome(ulong Seed, IReadOnlyList<string> Violations, int Rounds, int Committed, int Abandoned, int Counted, int Releases, int Crashes, int Faults, string Hash);

/// <summary>
/// Rounds of a small population on the deterministic host, where everything goes wrong that can: the process dies at any moment,
/// disks refuse, fail and tear, calls and activations are lost, reports come twice, late, from strangers and as nonsense.
/// A ledger outside keeps the books. Every third seed's rounds are private.
/// </summary>
public sealed class RoundStory : IExampleSource, IScheduleWitness
{
    private const string Population = "story";
    private const int Clients = 10, Rounds = 5, Inputs = 4;
    private static readonly Faults everything = new() { ActivationDies = 0.004, CallIsLost = 0.006, CommitFails = 0.02, CommitIsSlow = 0.02 };
    private static readonly PrivacyTerms privacy = new(2, 1, 1e-6, 3.7, AdaptsClipping: false);
    private static readonly ModelSpec spec = new("mlp", Inputs, 1, 2, [], [], 1, "hidden=3", LearningInput.Examples);

    private readonly DeterministicRun run;
    private readonly Rng chance;
    private readonly RoundPlant plant;
    private readonly SimulatedStore devices, models;
    private readonly RoundLedger ledger;
    private readonly Noise noise;
    private readonly bool isPrivate;
    private ActorHost host;
    private int crashes, faults;

    private RoundStory(ulong seed, RoundPlant plant)
    {
        this.plant = plant;
        run = new DeterministicRun(seed, everything);
        run.Attend(this);
        (chance, isPrivate) = (Rng.For(seed, "rounds"), seed % 3 == 0);
        (devices, models) = (new SimulatedStore(run, "devices"), new SimulatedStore(run, "models"));
        noise = new Noise(new SeededBytes(Rng.For(seed, "noise")));
        ledger = new RoundLedger(new AggregationFactory(noise));
        host = Start();
    }

    public static RoundStoryOutcome Play(ulong seed, RoundPlant plant = RoundPlant.None)
    {
        var story = new RoundStory(seed, plant);
        story.run.Play(story.Tell, TimeSpan.FromHours(6));
        return story.Outcome();
    }

    public Examples Training(string client)
    {
        var rng = Rng.For(run.Seed, "examples", client);
        float[] inputs = [.. Enumerable.Range(0, 6 * Inputs).Select(_ => (float)rng.Gaussian())];
        return new Examples(inputs, [.. Enumerable.Range(0, 6).Select(r => inputs[r * Inputs] > 0 ? 1 : 0)], Inputs);
    }

    public Examples HeldOut(string client) => Training(client);

    public void Turn(long number, TimeSpan at, string who, string what)
    {
    }

    public void Fault(TimeSpan at, string what) => faults++;

    private async Task Tell()
    {
        await Insist(() => host.GetGrain<IModelGrain>(Population).Initialise(spec, run.Seed));
        for (var r = 0; r < Rounds; r++)
        {
            await Join();
            await Attempt(() => host.GetGrain<IFederatedRoundGrain>(Population).Start(Terms()));
            for (var waited = 0; waited < 400 && await Unfinished(); waited++)
            {
                if (chance.Chance(0.04)) await Crash();
                await SendNonsense();
                await Task.Delay(TimeSpan.FromMilliseconds(chance.NextInt(400)), run.Time);
            }
        }
        await Crash(); // what is not stored by now is nothing
        while (await Unfinished()) await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
    }

    private RoundTerms Terms() => RoundTermsMapping.Default(chance.Chance(0.3) ? "fedala" : chance.Chance(0.4) && !isPrivate ? "fedbuff" : "fedavg", isPrivate ? Clients : 6, run.Seed) with
    {
        Deadline = TimeSpan.FromSeconds(20),
        Privacy = isPrivate ? privacy : null,
    };

    private async Task<bool> Unfinished() => (await Insist(() => host.GetGrain<IFederatedRoundGrain>(Population).Recent())).Rounds is [{ Ended: null }, ..];

    private async Task Join()
    {
        for (var c = 0; c < Clients; c++)
        {
            var client = $"client-{c}";
            await Insist(() => host.GetGrain<ILearnerGrain>(client).Join(Population));
        }
    }

    /// <summary>What somebody has sent already, what nobody asked for, what comes too late, and what is no update.</summary>
    private async Task SendNonsense()
    {
        if (!chance.Chance(0.5)) return;
        var rounds = host.GetGrain<IFederatedRoundGrain>(Population);
        var running = ledger.Running;
        if (running.Count > 0)
        {
            var (round, participant, update) = running[chance.NextInt(running.Count)];
            await Attempt(() => Report(participant, round, update));
            await Attempt(() => Report(participant, round - 1, update));
            await Attempt(() => Report("stranger", round, update));
            await Attempt(() => Report($"client-{chance.NextInt(Clients)}", round, [float.NaN, .. update[1..]]));
            await Attempt(() => Report($"client-{chance.NextInt(Clients)}", round, update[1..]));
        }

        async Task<int> Report(string participant, int round, float[] update)
        {
            await rounds.Report(new RoundReport(participant, round, 6, 0.5, ImmutableCollectionsMarshal.AsImmutableArray(UpdateCodec.Parse("none").Encode(update))));
            return 0;
        }
    }

    private Task Crash()
    {
        crashes++;
        run.Crash(host);
        devices.Crash();
        models.Crash();
        host = Start();
        return Join();
    }

    private async Task<T> Insist<T>(Func<Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (e is IOException or TimeoutException or OrleansException or InvalidOperationException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), run.Time);
            }
        }
    }

    /// <summary>Once; it may be refused or get lost.</summary>
    private static async Task Attempt(Func<Task<int>> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (e is IOException or TimeoutException or OrleansException or InvalidOperationException or ArgumentException or FormatException)
        {
            // a refusal is an answer too; what it led to is in the books
        }
    }

    private RoundStoryOutcome Outcome()
    {
        var (versions, rounds) = (Stored<ModelState>("model").Versions, Stored<RoundsState>("rounds").Recent);
        ledger.Close(versions, rounds, Weights, isPrivate ? Terms().ToPlan(1).Privacy : null);
        return new(
            run.Seed, ledger.Violations, rounds.Count, rounds.Count(r => r.Phase == nameof(RoundPhase.Committed)), rounds.Count(r => r.Phase == nameof(RoundPhase.Abandoned)),
            ledger.Counted, ledger.Releases, crashes, faults, run.TraceHash);
    }

    private T Stored<T>(string name)
    {
        var row = models.Rows.Single(r => r.Key.StartsWith("state/", StringComparison.Ordinal) && r.Key.EndsWith($"/{name}", StringComparison.Ordinal)).Value;
        return System.Text.Json.JsonSerializer.Deserialize<T>(row.AsSpan(sizeof(long)))!;
    }

    private float[]? Weights(string hash) => models.Rows.TryGetValue($"blob/{hash}", out var bytes) ? MemoryMarshal.Cast<byte, float>(bytes).ToArray() : null;

    private ActorHost Start()
    {
        var services = new ServiceCollection()
            .AddSingleton(new CityOptions { Privacy = PrivacyMode.Simulation, Population = Population })
            .AddSingleton<TimeProvider>(run.Time)
            .AddSingleton<IBlobStore>(new SimulatedBlobStore(models))
            .AddSingleton<IComputePool>(new SimulatedComputePool(run))
            .AddSingleton<IExampleSource>(this)
            .AddSingleton(noise)
            .AddSingleton<IRandomBytes, CryptographicBytes>()
            .AddSingleton<IAggregationFactory>(plant == RoundPlant.CountTwice ? new ForgetfulAggregationFactory(ledger) : ledger)
            .AddSingleton<ICityClock>(new RealCityClock(run.Time))
            .AddSingleton<GlobalModels>()
            .AddLogging()
            .AddSingleton<HoldoutEvaluator>()
            .AddSingleton<IHeldOutWindows>(HeldOutWindows.None)
            .AddSingleton(new ReleasePolicy())
            .AddKeyedSingleton<IGrainStorage>("devices", new SimulatedGrainStorage(devices))
            .AddKeyedSingleton<IGrainStorage>("models", new SpoiledGrainStorage(new SimulatedGrainStorage(models), plant))
            .BuildServiceProvider();
        return run.StartHost(services, new ActorHostOptions
        {
            GrainAssemblies = [typeof(LearnerGrain).Assembly],
            ContractAssemblies = [typeof(ILearnerGrain).Assembly],
            ResponseTimeout = TimeSpan.FromSeconds(5),
        });
    }
}
