using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CitySafeSense.EmbeddedOrleans.Deterministic;

/// <summary>
/// Grains on one thread and virtual time, every choice drawn from a seed: which turn is next, how long it takes, what goes wrong.
/// The same seed makes the same run in any process, so a failure can be had again from its number.
/// </summary>
public sealed class DeterministicRun
{
    private readonly SeededDispatcher dispatcher;
    private readonly StoryContext story;
    private readonly List<VirtualTime.VirtualTimer> due = [];
    private readonly IncrementalHash trace = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<IScheduleWitness> witnesses = [];
    private string? intruder;

    /// <exception cref="ArgumentException">A fault's share is out of range.</exception>
    public DeterministicRun(ulong seed, Faults? faults = null, DateTimeOffset? start = null)
    {
        Seed = seed;
        Faults = faults ?? Faults.None;
        Faults.Validate();
        Time = new VirtualTime(start ?? new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));
        dispatcher = new SeededDispatcher(seed, Faults, ReportFault);
        story = new StoryContext(who => intruder ??= who);
    }

    public ulong Seed { get; }
    public Faults Faults { get; }
    public VirtualTime Time { get; }

    /// <summary>Turns that were run.</summary>
    public long Turns { get; private set; }

    /// <summary>Stands for every turn, its time, its grain and its method, in order.</summary>
    public string TraceHash => Convert.ToHexStringLower(trace.GetCurrentHash().AsSpan(0, 16));

    public void Attend(IScheduleWitness witness) => witnesses.Add(witness);

    /// <summary>A host whose grains live in this run. There may be several, one after another, on the same storage.</summary>
    public ActorHost StartHost(IServiceProvider services, ActorHostOptions options, ILogger<ActorHost>? log = null) =>
        new(services, options with { StatelessWorkers = 4 }, Time, log ?? NullLogger<ActorHost>.Instance, dispatcher);

    /// <summary>The host's process dies: nothing of it runs again.</summary>
    public void Crash(ActorHost host)
    {
        ReportFault("the host crashes");
        host.Crash();
    }

    /// <summary>Runs until the story has ended.</summary>
    /// <exception cref="ScheduleException">Something came from a foreign thread; nothing is left to run; or the story has not ended after <paramref name="longest"/> of virtual time.</exception>
    public void Play(Func<Task> told, TimeSpan longest)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(story);
        var ending = told();
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            while (!ending.IsCompleted)
            {
                TakeTurn();
                if ((dispatcher.Intruder ?? intruder) is { } who)
                    throw Failure($"a continuation of {who} came from a foreign thread; something it awaits is no grain call, no port and not on the run's time");
                if (Time.Elapsed > longest) throw Failure($"the story has not ended after {longest}");
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
        ending.GetAwaiter().GetResult();
    }

    internal void ReportFault(string what)
    {
        Note("fault", what);
        foreach (var witness in witnesses) witness.Fault(Time.Elapsed, what);
    }

    private void TakeTurn()
    {
        while (Time.TryTakeDue(out var timer)) due.Add(timer);
        var storyIsReady = story.IsReady ? 1 : 0;
        var ready = dispatcher.Count + due.Count + storyIsReady;
        if (ready == 0)
        {
            if (!Time.TryPassToNext()) throw Failure("nothing is ready and no timer is set: the story waits for something that never comes");
            return;
        }
        Time.Pass(dispatcher.Duration());
        var chosen = dispatcher.Choose(ready);
        Turns++;
        if (chosen < dispatcher.Count) Run(dispatcher.TakeReady(chosen));
        else if (chosen - dispatcher.Count < due.Count) Fire(chosen - dispatcher.Count);
        else
        {
            Record("story", "resumes");
            story.RunOne();
        }
    }

    private void Run(TurnQueue turns)
    {
        if (dispatcher.Dies(turns))
        {
            ((Activation)turns).Kill();
            return;
        }
        var who = $"{turns}";
        turns.Execute(most: 1);
        Record(who, dispatcher.Turn);
    }

    private void Fire(int index)
    {
        var timer = due[index];
        due.RemoveAt(index);
        Record("timer", "fires");
        timer.Fire();
    }

    private void Record(string who, string what)
    {
        Note(who, what);
        foreach (var witness in witnesses) witness.Turn(Turns, Time.Elapsed, who, what);
    }

    private void Note(string who, string what)
    {
        Span<byte> numbers = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(numbers, Turns);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], Time.Elapsed.Ticks);
        trace.AppendData(numbers);
        trace.AppendData(Encoding.UTF8.GetBytes($"{who}|{what}\n"));
    }

    private ScheduleException Failure(string what) => new($"seed {Seed}, turn {Turns}, {Time.Elapsed} into the run: {what}");
}
