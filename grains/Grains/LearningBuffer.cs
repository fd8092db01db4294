using CitySafeSense.Contracts;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>The last labelled windows of a device, in memory, each once however often it was sent. The oldest go when its share of the memory is full; what has no label teaches nothing and is not kept.</summary>
public sealed class LearningBuffer(LearningMemory memory)
{
    private readonly Queue<(SensorWindow Window, int Label)> windows = new();
    private readonly SequenceWindow seen = new();

    public int Count => windows.Count;

    public IReadOnlyList<(SensorWindow Window, int Label)> Windows => [.. windows];

    public void Add(WindowHeader header, SensorWindow window)
    {
        if (header.Label is not { } label || seen.Take(header.Epoch, header.Sequence) != SequenceVerdict.Fresh) return;
        if (windows.Count == 0) memory.Enter();
        var before = windows.Count;
        windows.Enqueue((window, label));
        for (var share = memory.Share; windows.Count > share;) windows.Dequeue();
        if (memory.IsFull && windows.Count > Limits.WindowsToTakePart && windows.Count > before) windows.Dequeue();
        memory.Keep(windows.Count - before);
    }

    public void Clear()
    {
        if (windows.Count == 0) return;
        memory.Leave();
        memory.Keep(-windows.Count);
        windows.Clear();
    }
}
