namespace CitySafeSense.Hotspots;

/// <summary>How a book of alarms is stored.</summary>
public sealed partial class AlarmBook
{
    private const int Version = 1;

    public byte[] Encode() => StoredState.Encode(Version, writer =>
    {
        writer.Write(next);
        writer.Write(Judged);
        writer.Write(Unopened);
        writer.Write(rules.Count);
        foreach (var rule in rules) Write(writer, rule);
        writer.Write(streaks.Count);
        foreach (var ((rule, cell), streak) in streaks.OrderBy(s => s.Key.Rule, StringComparer.Ordinal).ThenBy(s => s.Key.Cell))
        {
            writer.Write(rule);
            writer.Write(cell.Value);
            writer.Write(streak.Above);
            writer.Write(streak.Below);
            writer.Write(streak.CoolUntil);
        }
        writer.Write(alarms.Count);
        foreach (var alarm in alarms) Write(writer, alarm);
    });

    /// <exception cref="FormatException">The bytes are of an unknown version or cut off.</exception>
    public static AlarmBook Decode(ReadOnlyMemory<byte> bytes) => StoredState.Decode(bytes, "a book of alarms", Version, (_, reader) =>
    {
        var book = new AlarmBook([]) { next = reader.ReadInt32(), Judged = reader.ReadInt64(), Unopened = reader.ReadInt64() };
        for (var n = reader.ReadInt32(); n > 0; n--) book.rules.Add(ReadRule(reader));
        for (var n = reader.ReadInt32(); n > 0; n--)
            book.streaks[(reader.ReadString(), new CellId(reader.ReadUInt64()))] = new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64());
        for (var n = reader.ReadInt32(); n > 0; n--) book.alarms.Add(ReadAlarm(reader));
        return book;
    });

    private static void Write(BinaryWriter writer, AlarmRule rule)
    {
        writer.Write(rule.Name);
        writer.Write(rule.Kinds.Count);
        foreach (var kind in rule.Kinds) writer.Write((int)kind);
        writer.Write(rule.Raise);
        writer.Write(rule.Clear);
        writer.Write(rule.RaiseBins);
        writer.Write(rule.ClearBins);
        writer.Write(rule.CoolDownMinutes);
    }

    private static AlarmRule ReadRule(BinaryReader reader)
    {
        var name = reader.ReadString();
        AnomalyKind[] kinds = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => (AnomalyKind)reader.ReadInt32())];
        return new(name, kinds, reader.ReadDouble(), reader.ReadDouble(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
    }

    private static void Write(BinaryWriter writer, Alarm alarm)
    {
        writer.Write(alarm.Number);
        writer.Write(alarm.Rule);
        writer.Write(alarm.Cells.Count);
        foreach (var cell in alarm.Cells) writer.Write(cell.Value);
        writer.Write((byte)alarm.Kind);
        writer.Write((byte)alarm.State);
        foreach (var value in new[] { alarm.Score, alarm.Observed, alarm.Expected }) writer.Write(value);
        foreach (var time in new[] { alarm.Since, alarm.Opened, alarm.Acknowledged ?? long.MinValue, alarm.Cleared ?? long.MinValue }) writer.Write(time);
        writer.Write(alarm.AcknowledgedBy ?? "");
    }

    private static Alarm ReadAlarm(BinaryReader reader)
    {
        var (number, rule) = (reader.ReadInt32(), reader.ReadString());
        CellId[] cells = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => new CellId(reader.ReadUInt64()))];
        var alarm = new Alarm(
            number, rule, cells, (AnomalyKind)reader.ReadByte(), (AlarmState)reader.ReadByte(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadInt64(), reader.ReadInt64());
        long? Time() => reader.ReadInt64() is var time && time == long.MinValue ? null : time;
        return alarm with { Acknowledged = Time(), Cleared = Time(), AcknowledgedBy = reader.ReadString() is { Length: > 0 } by ? by : null };
    }
}
