using CitySafeSense.Contracts;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>The last windows of a device, in memory, each once however often it was sent. The oldest go when it is full.</summary>
public sealed class LearningBuffer
{
    private readonly Queue<(SensorWindow Window, byte? Label)> windows = new();
    private readonly SequenceWindow seen = new();

    public int Count => windows.Count;
    public int Labelled { get; private set; }

    public void Add(WindowHeader header, SensorWindow window)
    {
        if (seen.Take(header.Epoch, header.Sequence) != SequenceVerdict.Fresh) return;
        windows.Enqueue((window, header.Label));
        if (header.Label is not null) Labelled++;
        if (windows.Count <= Limits.BufferedWindows) return;
        if (windows.Dequeue().Label is not null) Labelled--;
    }

    public void Clear()
    {
        windows.Clear();
        Labelled = 0;
    }

    public IReadOnlyList<(SensorWindow Window, int Label)> LabelledWindows() =>
        [.. windows.Where(w => w.Label is not null).Select(w => (w.Window, (int)w.Label!.Value))];

    /// <exception cref="ArgumentException">A frame is not one, or has no label.</exception>
    public static IReadOnlyList<(SensorWindow Window, int Label)> Decode(IReadOnlyList<ImmutableArray<byte>> frames)
    {
        var decoded = new (SensorWindow, int)[frames.Count];
        for (var i = 0; i < decoded.Length; i++)
        {
            var rejection = WindowFrame.Decode(frames[i].AsSpan(), labelsAllowed: true, out var header, out var window);
            if (rejection != FrameRejection.None || header!.Label is not { } label)
                throw new ArgumentException($"frame {i}: {(rejection == FrameRejection.None ? "has no label" : rejection)}");
            decoded[i] = (window!, label);
        }
        return decoded;
    }
}
