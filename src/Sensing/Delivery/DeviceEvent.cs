using System.Globalization;
using System.Text.Json;

namespace CitySafeSense.Sensing;

/// <summary>What a device that classifies by itself says of a window.</summary>
/// <param name="UnixMilliseconds">When, by the device's clock.</param>
/// <param name="Probability">Of the class, 0 to 1.</param>
/// <param name="Change">The velocity change over the window: the first two of the message's vector, m/s, east and north.</param>
/// <param name="Cell">H3 index, made on the device; nothing where the device is registered at one place.</param>
public sealed record DeviceEvent(string Device, long UnixMilliseconds, ActivityClass Activity, float Probability, VelocityChange Change, ulong? Cell);

/// <summary>Why an event was not taken.</summary>
public enum EventRejection
{
    None,
    TooLong,
    BadJson,
    BadDeviceId,
    BadTimestamp,
    UnknownEvent,
    BadProbability,
    BadVector,
    BadCell,
}

/// <summary>
/// An event as JSON: {"device","timestamp","event","probability","vector":[east,north,up],"cell"}. The time is ISO 8601 with its
/// offset, or Unix seconds; the cell may be left out. Other fields are passed over. Decoding never throws.
/// </summary>
public static class DeviceEventJson
{
    public const int MaxBytes = 4096;
    private const double LatestUnixSeconds = 253_402_300_799; // the year 9999

    public static byte[] Encode(DeviceEvent happened)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("device", happened.Device);
            writer.WriteString("timestamp", DateTimeOffset.FromUnixTimeMilliseconds(happened.UnixMilliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            writer.WriteString("event", EventVocabulary.Of(happened.Activity));
            writer.WriteNumber("probability", happened.Probability);
            writer.WriteStartArray("vector");
            writer.WriteNumberValue(happened.Change.EastMetresPerSecond);
            writer.WriteNumberValue(happened.Change.NorthMetresPerSecond);
            writer.WriteNumberValue(0);
            writer.WriteEndArray();
            if (happened.Cell is { } cell) writer.WriteString("cell", cell.ToString("x", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    public static EventRejection Decode(ReadOnlySpan<byte> json, out DeviceEvent? happened)
    {
        happened = null;
        if (json.Length > MaxBytes) return EventRejection.TooLong;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
            using var document = JsonDocument.ParseValue(ref reader);
            if (reader.BytesConsumed != json.Length && json[(int)reader.BytesConsumed..].IndexOfAnyExcept(" \t\r\n"u8) >= 0) return EventRejection.BadJson;
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement, out happened) : EventRejection.BadJson;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return EventRejection.BadJson; // not JSON, or text in it that is no UTF-8
        }
    }

    private static EventRejection Read(JsonElement json, out DeviceEvent? happened)
    {
        happened = null;
        if (Text(json, "device") is not { } device || !DeviceIds.IsValid(device)) return EventRejection.BadDeviceId;
        if (!json.TryGetProperty("timestamp", out var timestamp) || Milliseconds(timestamp) is not { } at) return EventRejection.BadTimestamp;
        if (Text(json, "event") is not { } name || EventVocabulary.Find(name) is not { } activity) return EventRejection.UnknownEvent;
        if (Number(json, "probability") is not (>= 0 and <= 1 and var probability)) return EventRejection.BadProbability;
        VelocityChange change = default;
        if (json.TryGetProperty("vector", out var vector) && !Vector(vector, out change)) return EventRejection.BadVector;
        ulong? cell = null;
        if (json.TryGetProperty("cell", out var place) && place.ValueKind != JsonValueKind.Null)
        {
            if (place.ValueKind != JsonValueKind.String || !ulong.TryParse(place.GetString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var index)) return EventRejection.BadCell;
            cell = index;
        }
        happened = new DeviceEvent(device, at, activity, (float)probability, change, cell);
        return EventRejection.None;
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    private static long? Milliseconds(JsonElement timestamp) => timestamp.ValueKind switch
    {
        JsonValueKind.String when DateTimeOffset.TryParse(timestamp.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time.ToUnixTimeMilliseconds(),
        JsonValueKind.Number when timestamp.TryGetDouble(out var seconds) && seconds is >= 0 and <= LatestUnixSeconds => (long)Math.Round(seconds * 1000),
        _ => null,
    };

    private static bool Vector(JsonElement vector, out VelocityChange change)
    {
        change = default;
        if (vector.ValueKind != JsonValueKind.Array || vector.GetArrayLength() != 3) return false;
        Span<float> values = stackalloc float[3];
        for (var i = 0; i < 3; i++)
        {
            if (vector[i].ValueKind != JsonValueKind.Number || !vector[i].TryGetSingle(out values[i]) || !float.IsFinite(values[i])) return false;
        }
        change = new VelocityChange(values[0], values[1]);
        return true;
    }
}
