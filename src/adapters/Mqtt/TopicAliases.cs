namespace CitySafeSense.Mqtt;

/// <summary>Numbers that stand for topics on one connection (specification 3.3.2.3.4), in one direction each.</summary>
internal sealed class TopicAliases(int mostOut, int mostIn)
{
    private readonly Dictionary<string, ushort> outgoing = [];
    private readonly Dictionary<ushort, string> incoming = [];

    /// <summary>What to write: the topic with a new number the first time, the number alone after that, the topic alone when numbers have run out.</summary>
    public (string Topic, ushort Alias) Shorten(string topic)
    {
        if (outgoing.TryGetValue(topic, out var known)) return ("", known);
        if (outgoing.Count >= mostOut) return (topic, 0);
        var next = (ushort)(outgoing.Count + 1);
        outgoing.Add(topic, next);
        return (topic, next);
    }

    /// <summary>The topic meant; nothing where the number is beyond what was allowed, or was never given a topic.</summary>
    public string? Resolve(string topic, ushort alias)
    {
        if (alias == 0) return topic;
        if (alias > mostIn) return null;
        if (topic.Length == 0) return incoming.GetValueOrDefault(alias);
        incoming[alias] = topic;
        return topic;
    }
}
