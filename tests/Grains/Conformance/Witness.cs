using System.Collections.Concurrent;

namespace CitySafeSense.Tests.Conformance;

/// <summary>What grains and claims share: gates that open, and a record of what happened. One for each stage.</summary>
public sealed class Witness(TimeProvider time, TaskCreationOptions completion)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> gates = new();
    private int serial;

    public ConcurrentQueue<string> Happened { get; } = new();

    public TimeProvider Time => time;

    public int Next() => Interlocked.Increment(ref serial);

    public int Count(string what) => Happened.Count(h => h == what);

    public Task Gate(string name) => Of(name).Task;

    public void Open(string name) => Of(name).TrySetResult();

    private TaskCompletionSource Of(string name) => gates.GetOrAdd(name, _ => new(completion));
}
