namespace CitySafeSense.Sensing;

/// <summary>What was taken from one device: windows by their numbers, events by their time and word.</summary>
public sealed class DeliveryMemory
{
    private DeliveryMemory(SequenceWindow? sequences, EventMemory events) => (Sequences, Events) = (sequences, events);

    public DeliveryMemory()
        : this(null, new EventMemory())
    {
    }

    /// <summary>Nothing before the first window.</summary>
    private SequenceWindow? Sequences { get; set; }

    private EventMemory Events { get; }

    public SequenceVerdict TakeWindow(ulong epoch, ulong sequence) => (Sequences ??= new SequenceWindow()).Take(epoch, sequence);

    public SequenceVerdict TakeEvent(ulong key, long unixSeconds, long oldestUnixSeconds) => Events.Take(key, unixSeconds, oldestUnixSeconds);

    /// <summary>A sequence window, where there is one, then events; without any it is what was stored before there were events.</summary>
    public byte[] Encode()
    {
        byte[] sequences = Sequences?.Encode() ?? [];
        var bytes = new byte[1 + sequences.Length + Events.EncodedBytes];
        bytes[0] = (byte)(Sequences is null ? 0 : 1);
        sequences.CopyTo(bytes, 1);
        Events.Write(bytes.AsSpan(1 + sequences.Length));
        return bytes;
    }

    /// <summary>Also what was stored before there were events: the sequence window alone.</summary>
    /// <exception cref="FormatException">Neither.</exception>
    public static DeliveryMemory Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == SequenceWindow.EncodedBytes) return new(SequenceWindow.Decode(bytes), new EventMemory());
        if (bytes.IsEmpty || bytes[0] > 1) throw new FormatException($"{bytes.Length} bytes are no memory of deliveries");
        var rest = bytes[1..];
        if (bytes[0] == 0) return new(null, EventMemory.Read(rest));
        if (rest.Length < SequenceWindow.EncodedBytes) throw new FormatException($"{bytes.Length} bytes are no memory of deliveries");
        return new(SequenceWindow.Decode(rest[..SequenceWindow.EncodedBytes]), EventMemory.Read(rest[SequenceWindow.EncodedBytes..]));
    }
}
