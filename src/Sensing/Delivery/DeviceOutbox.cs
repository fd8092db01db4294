namespace CitySafeSense.Sensing;

/// <summary>How much a device keeps, and how long it waits.</summary>
public sealed record OutboxOptions
{
    /// <summary>Windows kept; one more is shed.</summary>
    public int Windows { get; init; } = 256;

    /// <summary>Events kept; they are shed only when there is room for none.</summary>
    public int Events { get; init; } = 256;

    /// <summary>How long to wait for an acknowledgement before a message is sent again.</summary>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long to wait where the broker said that nobody reads.</summary>
    public TimeSpan UnheardAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Windows on their way before the cluster has said how many may be.</summary>
    public int FirstCredit { get; init; } = 16;
}

/// <summary>
/// The device's side of delivery: a bounded store that gives up a message only when the cluster has acknowledged or refused it.
/// Time is handed in; it sends nothing itself. Not for several threads at once.
/// </summary>
public sealed class DeviceOutbox(OutboxOptions options, ulong epoch)
{
    private readonly Dictionary<ulong, Message> windows = [];
    private readonly Dictionary<(long, ActivityClass), Message> events = [];
    private readonly LinkedList<Message> unsentEvents = new(), unsentWindows = new(), sent = new();
    private ulong sequence, oldest = 1;
    private int credit = options.FirstCredit, windowsOnTheirWay;

    /// <summary>A message that is not kept any longer: acknowledged, or (false) refused.</summary>
    public event Action<Message, bool>? Settled;

    /// <summary>The boot these windows belong to: higher than that of any boot before.</summary>
    public ulong Epoch => epoch;

    public int Waiting => windows.Count + events.Count;

    public long Acknowledged { get; private set; }

    /// <summary>Dropped here for want of room: telemetry beyond what the cluster takes.</summary>
    public long Shed { get; private set; }

    public long Resent { get; private set; }

    public long Refused { get; private set; }

    /// <summary>Of the last acknowledgement: the cluster's clock less this device's; nothing before the first.</summary>
    public TimeSpan? ClockSkew { get; private set; }

    /// <summary>False where there is no room: the window is shed, and has no number.</summary>
    /// <param name="encode">Makes the message of the window's number.</param>
    public bool AddWindow(Func<ulong, byte[]> encode, DateTimeOffset now)
    {
        if (windows.Count >= options.Windows)
        {
            Shed++;
            return false;
        }
        var message = new Message(DeviceTopic.Windows, encode(++sequence), sequence, null, now);
        windows.Add(sequence, message);
        message.Place = unsentWindows.AddLast(message);
        return true;
    }

    /// <summary>False where there is no room, or where the same event is kept already.</summary>
    public bool AddEvent(DeviceEvent happened, DateTimeOffset now)
    {
        var key = (happened.UnixMilliseconds, happened.Activity);
        if (events.ContainsKey(key)) return false;
        if (events.Count >= options.Events)
        {
            Shed++;
            return false;
        }
        var message = new Message(DeviceTopic.Events, DeviceEventJson.Encode(happened), null, key, now);
        events.Add(key, message);
        message.Place = unsentEvents.AddLast(message);
        return true;
    }

    /// <summary>
    /// What is to be sent now: what was not sent yet, and what was sent and not acknowledged for too long. Events need no credit and
    /// do not wait behind telemetry; no window goes so far ahead of the oldest that the cluster could not tell any more whether it has that one.
    /// </summary>
    public IReadOnlyList<Message> Due(DateTimeOffset now)
    {
        while (sent.First is { } first && now - first.Value.SentAt >= options.ResendAfter)
        {
            Return(first.Value);
            Resent++;
        }
        var due = new List<Message>();
        while (unsentEvents.First is { } next) Send(next.Value, unsentEvents);
        var last = Oldest() + SequenceWindow.Reach - 1;
        while (unsentWindows.First is { } next && windowsOnTheirWay < credit && next.Value.Sequence <= last)
        {
            windowsOnTheirWay++;
            Send(next.Value, unsentWindows);
        }
        return due;

        void Send(Message message, LinkedList<Message> from)
        {
            from.RemoveFirst();
            message.SentAt = now;
            message.Place = sent.AddLast(message);
            message.IsSent = true;
            due.Add(message);
        }
    }

    /// <summary>The broker says that nobody reads: sent again in a while that is as short as patience is with a broker.</summary>
    public void Unheard(Message message, DateTimeOffset now)
    {
        if (!message.IsSent) return;
        message.SentAt = now - options.ResendAfter + options.UnheardAfter;
        sent.Remove(message.Place!);
        message.Place = sent.AddFirst(message);
    }

    /// <summary>The connection is gone: nothing is on its way any more.</summary>
    public void Disconnected()
    {
        while (sent.Last is { } last) Return(last.Value);
    }

    public void Take(IngestAcknowledgement acknowledgement, DateTimeOffset now)
    {
        ClockSkew = DateTimeOffset.FromUnixTimeMilliseconds(acknowledgement.UnixMilliseconds) - now;
        credit = Math.Max(1, acknowledgement.Credit);
        if (acknowledgement.Epoch == epoch)
            foreach (var (from, to) in acknowledgement.Windows) TakeWindows(from, to);
        foreach (var taken in acknowledgement.Events)
            if (events.Remove((taken.UnixMilliseconds, taken.Activity), out var message)) Settle(message, refused: false);
        foreach (var refusal in acknowledgement.Refused)
        {
            if (refusal.Event is { } happened && events.Remove((happened.UnixMilliseconds, happened.Activity), out var lost)) Settle(lost, refused: true);
            if (refusal.Sequence is { } number && acknowledgement.Epoch == epoch && windows.Remove(number, out var window)) Settle(window, refused: true);
        }
    }

    /// <summary>A range may be far longer than what is kept.</summary>
    private void TakeWindows(ulong from, ulong to)
    {
        var numbers = to - from < (ulong)windows.Count ? Enumerable.Range(0, (int)(to - from) + 1).Select(n => from + (ulong)n) : windows.Keys.Where(n => n >= from && n <= to);
        foreach (var number in numbers.ToArray())
            if (windows.Remove(number, out var message)) Settle(message, refused: false);
    }

    private void Settle(Message message, bool refused)
    {
        if (message.IsSent && message.Sequence is not null) windowsOnTheirWay--;
        message.Place!.List!.Remove(message.Place);
        if (refused) Refused++;
        else Acknowledged++;
        Settled?.Invoke(message, !refused);
    }

    private void Return(Message message)
    {
        sent.Remove(message.Place!);
        message.IsSent = false;
        if (message.Sequence is not null) windowsOnTheirWay--;
        message.Place = (message.Sequence is null ? unsentEvents : unsentWindows).AddFirst(message);
    }

    /// <summary>The lowest number that is kept, or the next one.</summary>
    private ulong Oldest()
    {
        while (oldest <= sequence && !windows.ContainsKey(oldest)) oldest++;
        return oldest;
    }

    /// <summary>Something to publish.</summary>
    /// <param name="Sequence">Of a window.</param>
    /// <param name="Event">Of an event.</param>
    public sealed record Message(DeviceTopic Topic, byte[] Payload, ulong? Sequence, (long UnixMilliseconds, ActivityClass Activity)? Event, DateTimeOffset AddedAt)
    {
        internal LinkedListNode<Message>? Place { get; set; }
        internal DateTimeOffset SentAt { get; set; }
        internal bool IsSent { get; set; }
    }
}
