using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace CitySafeSense.Sensing;

/// <summary>Windows from one number to another, both taken.</summary>
public readonly record struct TakenRange(ulong From, ulong To);

/// <summary>An event that was taken.</summary>
public readonly record struct TakenEvent(long UnixMilliseconds, ActivityClass Activity);

/// <summary>What will never be taken, and why; sending it again changes nothing.</summary>
/// <param name="Sequence">Of a window, else it is the event.</param>
public readonly record struct Refusal(ulong? Sequence, TakenEvent? Event, string Reason);

/// <summary>
/// What a device is told on its topic acks: which of its messages are durable in the cluster. It names them one by one, as ranges,
/// so that a lost acknowledgement costs a resend and nothing else; several batches may be in one.
/// </summary>
/// <param name="Epoch">The windows' epoch; 0 where there are only events.</param>
/// <param name="Credit">How many windows may be on their way, unacknowledged, from now on.</param>
/// <param name="UnixMilliseconds">The cluster's clock, by which the device may see how wrong its own is.</param>
public sealed record IngestAcknowledgement(
    ulong Epoch, ImmutableArray<TakenRange> Windows, ImmutableArray<TakenEvent> Events, ImmutableArray<Refusal> Refused, int Credit, long UnixMilliseconds)
{
    public const int MaxBytes = 65_536;

    private const string Time = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>{"epoch","windows":[[from,to]],"events":[{"timestamp","event"}],"refused":[{"sequence"|"timestamp","event","reason"}],"credit","time"}.</summary>
    public byte[] Encode()
    {
        using var buffer = new MemoryStream(160);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("epoch", Epoch);
            writer.WriteStartArray("windows");
            foreach (var (from, to) in Windows)
            {
                writer.WriteStartArray();
                writer.WriteNumberValue(from);
                writer.WriteNumberValue(to);
                writer.WriteEndArray();
            }
            writer.WriteEndArray();
            writer.WriteStartArray("events");
            foreach (var taken in Events)
            {
                writer.WriteStartObject();
                Write(writer, taken);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteStartArray("refused");
            foreach (var refusal in Refused)
            {
                writer.WriteStartObject();
                if (refusal.Sequence is { } sequence) writer.WriteNumber("sequence", sequence);
                if (refusal.Event is { } happened) Write(writer, happened);
                writer.WriteString("reason", refusal.Reason);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteNumber("credit", Credit);
            writer.WriteString("time", DateTimeOffset.FromUnixTimeMilliseconds(UnixMilliseconds).ToString(Time, CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>Nothing where it is no acknowledgement.</summary>
    public static IngestAcknowledgement? Decode(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes) return null;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            var root = document.RootElement;
            return new IngestAcknowledgement(
                root.GetProperty("epoch").GetUInt64(),
                [.. root.GetProperty("windows").EnumerateArray().Select(r => new TakenRange(r[0].GetUInt64(), r[1].GetUInt64()))],
                [.. root.GetProperty("events").EnumerateArray().Select(e => Event(e)!.Value)],
                [.. root.GetProperty("refused").EnumerateArray().Select(r => new Refusal(r.TryGetProperty("sequence", out var s) ? s.GetUInt64() : null, Event(r), r.GetProperty("reason").GetString()!))],
                root.GetProperty("credit").GetInt32(),
                root.GetProperty("time").GetDateTimeOffset().ToUnixTimeMilliseconds());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter writer, TakenEvent taken)
    {
        writer.WriteString("timestamp", DateTimeOffset.FromUnixTimeMilliseconds(taken.UnixMilliseconds).ToString(Time, CultureInfo.InvariantCulture));
        writer.WriteString("event", EventVocabulary.Of(taken.Activity));
    }

    private static TakenEvent? Event(JsonElement json) => json.TryGetProperty("event", out var name)
        ? new TakenEvent(json.GetProperty("timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds(), EventVocabulary.Find(name.GetString()!) ?? throw new FormatException("an unknown event"))
        : null;
}
