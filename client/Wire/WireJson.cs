using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CitySafeSense.Wire;

/// <summary>The API's JSON: camel case, written by generated code.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(IngestAnswer))]
[JsonSerializable(typeof(DeadLettersAnswer))]
[JsonSerializable(typeof(IngestStatusAnswer))]
[JsonSerializable(typeof(RegisterDevices))]
[JsonSerializable(typeof(RegisteredDevicesAnswer))]
[JsonSerializable(typeof(DevicesAnswer))]
[JsonSerializable(typeof(ForgottenAnswer))]
[JsonSerializable(typeof(ConfiguredAnswer))]
[JsonSerializable(typeof(AuditAnswer))]
[JsonSerializable(typeof(HotspotsAnswer))]
[JsonSerializable(typeof(CellCounts))]
[JsonSerializable(typeof(HotspotHistory))]
[JsonSerializable(typeof(HotspotAnomaly))]
[JsonSerializable(typeof(AlarmsAnswer))]
[JsonSerializable(typeof(AlarmAnswer))]
[JsonSerializable(typeof(AcknowledgeAlarm))]
[JsonSerializable(typeof(AlarmRules))]
[JsonSerializable(typeof(StartRound))]
[JsonSerializable(typeof(StartedRound))]
[JsonSerializable(typeof(RoundsAnswer))]
[JsonSerializable(typeof(DeviceAnswer))]
[JsonSerializable(typeof(ModelsAnswer))]
[JsonSerializable(typeof(ChangeRelease))]
[JsonSerializable(typeof(SetClock))]
[JsonSerializable(typeof(SettleAnswer))]
public sealed partial class WireJson : JsonSerializerContext
{
    /// <summary>For errors, which people read in a terminal: quotation marks stay what they are. Never to be put into HTML as it is.</summary>
    public static WireJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
