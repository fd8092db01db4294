using CitySafeSense.EmbeddedOrleans;
using CitySafeSense.EmbeddedOrleans.Deterministic;
using CitySafeSense.Tests.Conformance;
using CitySafeSense.Tests.Runtimes;
using Orleans.Storage;

namespace CitySafeSense.Tests.Deterministic;

/// <summary>The conformance grains on the deterministic host: one thread, virtual time, everything drawn from a seed.</summary>
public sealed class DeterministicStage : IStage
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private readonly MemoryReminderTable reminders = new();
    private ActorHost host;

    private DeterministicStage(DeterministicRun run)
    {
        Run = run;
        Disk = new SimulatedStore(run, "states");
        Storage = new SimulatedGrainStorage(Disk);
        Witness = new Witness(run.Time, TaskCreationOptions.None);
        host = StartHost();
    }

    public DeterministicRun Run { get; }
    public SimulatedStore Disk { get; }
    public IGrainFactory Grains => host;
    public TimeProvider Time => Run.Time;
    public Witness Witness { get; }
    public IGrainStorage Storage { get; }
    public TimeSpan ResponseTimeout { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Plays a story from a seed and returns what stands for all of its turns.</summary>
    public static string Play(ulong seed, Func<DeterministicStage, Task> story, Faults? faults = null, IScheduleWitness? witness = null)
    {
        var stage = new DeterministicStage(new DeterministicRun(seed, faults));
        if (witness is not null) stage.Run.Attend(witness);
        stage.Run.Play(() => story(stage), Longest);
        return stage.Run.TraceHash;
    }

    public async Task Restart()
    {
        await host.DisposeAsync();
        host = StartHost();
        await host.StartAsync();
    }

    /// <summary>The process and the power go at once; what was synced is there afterwards.</summary>
    public async Task Crash()
    {
        Run.Crash(host);
        Disk.Crash();
        host = StartHost();
        await host.StartAsync();
    }

    private ActorHost StartHost() => Run.StartHost(RuntimeStage.Services(Witness, Storage, reminders), RuntimeStage.Options(ResponseTimeout));
}
