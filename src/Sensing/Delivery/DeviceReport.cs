using System.Globalization;
using System.Text.Json;

namespace CitySafeSense.Sensing;

/// <summary>What a device, or the broker in its place, says on its status topic: `online`, `offline` (the last will), or JSON that also says which configuration it runs.</summary>
/// <param name="Configuration">Number of the configuration in use; nothing where it did not say.</param>
public sealed record DeviceReport(bool Online, int? Configuration)
{
    private const int MaxBytes = 256;

    public byte[] Encode() => Configuration is { } number
        ? System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"online\":{(Online ? "true" : "false")},\"config\":{number}}}"))
        : Online ? "online"u8.ToArray() : "offline"u8.ToArray();

    /// <summary>Nothing where it is none of these.</summary>
    public static DeviceReport? Decode(ReadOnlySpan<byte> payload)
    {
        if (payload.SequenceEqual("online"u8)) return new(true, null);
        if (payload.SequenceEqual("offline"u8)) return new(false, null);
        if (payload.Length > MaxBytes) return null;
        try
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 2 });
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("online", out var online) && online.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? new(online.GetBoolean(), root.TryGetProperty("config", out var config) && config.TryGetInt32(out var number) && number >= 0 ? number : null)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
