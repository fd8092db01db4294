using System.Globalization;
using System.Text.Json;

namespace CitySafeSense.Sensing;

/// <summary>What the cluster wants of a device: a JSON object, with the number by which the device says that it has taken it. Retained by the broker, so that it waits for a device that is offline.</summary>
/// <param name="Number">Higher than that of any before.</param>
/// <param name="Settings">UTF-8 of a JSON object.</param>
public sealed record DeviceConfiguration(int Number, byte[] Settings)
{
    /// <summary>The longest settings.</summary>
    public const int MaxBytes = 4096;

    private const int MaxDepth = 8;

    /// <summary>Why settings are none, or nothing.</summary>
    public static string? Refuse(ReadOnlySpan<byte> settings)
    {
        if (settings.Length > MaxBytes) return $"{settings.Length} bytes are beyond the limit of {MaxBytes}";
        try
        {
            var reader = new Utf8JsonReader(settings, new JsonReaderOptions { MaxDepth = MaxDepth });
            using var document = JsonDocument.ParseValue(ref reader);
            if (reader.Read()) return "more than one value";
            return document.RootElement.ValueKind == JsonValueKind.Object ? null : "a JSON object is needed";
        }
        catch (JsonException e)
        {
            return $"no JSON: {e.Message}";
        }
    }

    /// <summary>{"number":n,"settings":{...}}.</summary>
    public byte[] Encode() => [.. System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"number\":{Number},\"settings\":")), .. Settings, (byte)'}'];

    /// <summary>Nothing where it is none.</summary>
    public static DeviceConfiguration? Decode(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaxBytes + 64) return null;
        try
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = MaxDepth + 1 });
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("number", out var number) && number.TryGetInt32(out var n) && n > 0
                && root.TryGetProperty("settings", out var settings) && settings.ValueKind == JsonValueKind.Object
                ? new(n, System.Text.Encoding.UTF8.GetBytes(settings.GetRawText()))
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
