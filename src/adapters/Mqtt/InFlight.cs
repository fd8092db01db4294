namespace CitySafeSense.Mqtt;

/// <summary>
/// Messages of QoS 1 that were sent and not yet acknowledged (specification 4.3.2 and 4.9). It outlives a connection: what is in
/// it is sent again on the next one. Packet ids are 1 to <see cref="Capacity"/>; those above belong to subscriptions.
/// </summary>
internal sealed class InFlight(ushort capacity)
{
    private readonly Lock gate = new();
    private readonly Dictionary<ushort, Entry> entries = [];
    private readonly Queue<ushort> free = new(Enumerable.Range(1, capacity).Select(id => (ushort)id));
    private readonly Queue<TaskCompletionSource> waiting = new();
    private int limit = capacity;
    private long order;
    private Exception? over;

    public int Capacity => capacity;

    /// <summary>Waits until one more may be sent.</summary>
    public async Task<Entry> Enter(string topic, ReadOnlyMemory<byte> payload, bool retain, CancellationToken cancellation)
    {
        while (true)
        {
            Task turn;
            lock (gate)
            {
                if (over is not null) throw over;
                if (entries.Count < limit)
                {
                    var entry = new Entry(free.Dequeue(), topic, payload, retain, order++);
                    entries.Add(entry.Id, entry);
                    return entry;
                }
                var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting.Enqueue(source);
                turn = source.Task;
            }
            await turn.WaitAsync(cancellation);
        }
    }

    /// <summary>False where no message has this id: one that was acknowledged twice, or never sent.</summary>
    public bool Leave(ushort id, byte reason)
    {
        Entry? entry;
        lock (gate)
        {
            if (!entries.Remove(id, out entry)) return false;
            free.Enqueue(id);
            if (entries.Count < limit && waiting.TryDequeue(out var next)) next.TrySetResult();
        }
        entry.Done.TrySetResult(reason);
        return true;
    }

    /// <summary>How many the broker takes at once.</summary>
    public void Allow(int receiveMaximum)
    {
        lock (gate)
        {
            limit = Math.Min(capacity, receiveMaximum);
            for (var n = limit - entries.Count; n > 0 && waiting.TryDequeue(out var next); n--) next.TrySetResult();
        }
    }

    /// <summary>What is to be sent again, in the order in which it was sent first.</summary>
    public Entry[] Unacknowledged()
    {
        lock (gate) return [.. entries.Values.OrderBy(e => e.Order)];
    }

    /// <summary>There will be no other connection.</summary>
    public void End(Exception why)
    {
        Entry[] left;
        lock (gate)
        {
            over = why;
            left = [.. entries.Values];
            entries.Clear();
            while (waiting.TryDequeue(out var next)) next.TrySetException(why);
        }
        foreach (var entry in left) entry.Done.TrySetException(why);
    }

    internal sealed record Entry(ushort Id, string Topic, ReadOnlyMemory<byte> Payload, bool Retain, long Order)
    {
        private MqttConnection? sentOn;

        /// <summary>True once for each connection, for whoever is to send it there.</summary>
        public bool Claim(MqttConnection connection) => Interlocked.Exchange(ref sentOn, connection) != connection;

        /// <summary>The reason code of its acknowledgement.</summary>
        public TaskCompletionSource<byte> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
