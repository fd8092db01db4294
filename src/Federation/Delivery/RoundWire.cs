using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using CitySafeSense.Privacy;

namespace CitySafeSense.Federation;

/// <summary>
/// The messages between cluster and device in a round, as bytes: version (1 byte, 1), length of the head (4 bytes,
/// little-endian), the head (JSON, UTF-8), the body. The body holds what is long: weights and control variate (float32,
/// little-endian), an update, a message of a secure sum, keys. Decoding never throws.
/// </summary>
public static class RoundWire
{
    /// <summary>A message with its topic fits into an MQTT packet of 1 MiB.</summary>
    public const int MaxBytes = (1 << 20) - 1024;

    private const byte Version = 1;
    private const int FixedBytes = 5, HeadBytesMax = 1 << 16, ParticipantsMax = 255, ChannelsMax = 64, NameMax = 256;

    /// <exception cref="ArgumentException">The model is too large for a message.</exception>
    public static byte[] Encode(RoundDownlink message) => message switch
    {
        RoundDownlink.Invited { Order: var o } => Write(new() { Kind = "invited", Order = OrderHead.Of(o) }, MemoryMarshal.AsBytes<float>((float[])[.. o.Weights, .. o.Control])),
        RoundDownlink.Asked a => Write(new() { Kind = "asked", Shard = a.Shard, Step = a.Step }, a.Payload),
        RoundDownlink.Heard h => Write(new() { Kind = "heard", Round = h.Round, Refusal = h.Refusal }, []),
        RoundDownlink.ComeBack c => Write(new() { Kind = "come_back", Seconds = c.After.TotalSeconds }, []),
        _ => throw new ArgumentException($"{message.GetType().Name} has no form to travel in"),
    };

    /// <exception cref="ArgumentException">The update is too large for a message.</exception>
    public static byte[] Encode(RoundUplink message) => message switch
    {
        RoundUplink.Offered o => Write(new() { Kind = "offered" }, o.Credential),
        RoundUplink.Reported r => Write(new() { Kind = "reported", Round = r.Round, Samples = r.Samples, Loss = double.IsFinite(r.Loss) ? r.Loss : null }, r.Update),
        RoundUplink.Seated s => Write(new() { Kind = "seated", Shard = s.Shard, Place = s.Place }, s.Keys),
        RoundUplink.Answered a => Write(new() { Kind = "answered", Shard = a.Shard, Step = a.Step }, a.Payload),
        _ => throw new ArgumentException($"{message.GetType().Name} has no form to travel in"),
    };

    /// <summary>Nothing where the bytes are no such message.</summary>
    public static RoundDownlink? DecodeDownlink(ReadOnlySpan<byte> bytes) => Read(bytes, out var body) is not { } head ? null : head switch
    {
        { Kind: "invited", Order: { } order } => order.With(body) is { } whole ? new RoundDownlink.Invited(whole) : null,
        { Kind: "asked", Shard: { } shard, Step: { } step } when IsStep(shard, step) => new RoundDownlink.Asked(shard, step, body.ToArray()),
        { Kind: "heard", Round: > 0 and var round } when body.IsEmpty => new RoundDownlink.Heard(round, head.Refusal),
        { Kind: "come_back", Seconds: >= 0 and <= 1e6 and var seconds } when body.IsEmpty => new RoundDownlink.ComeBack(TimeSpan.FromSeconds(seconds)),
        _ => null,
    };

    /// <summary>Nothing where the bytes are no such message.</summary>
    public static RoundUplink? DecodeUplink(ReadOnlySpan<byte> bytes) => Read(bytes, out var body) is not { } head ? null : head switch
    {
        { Kind: "offered" } when body.Length is > 0 and <= SecureSumWire.PartBytesMax => new RoundUplink.Offered(body.ToArray()),
        { Kind: "reported", Round: > 0 and var round, Samples: > 0 and <= 1_000_000 and var samples } => new RoundUplink.Reported(round, samples, head.Loss ?? double.NaN, body.ToArray()),
        { Kind: "seated", Shard: { Length: <= NameMax } shard, Place: >= 0 and < ParticipantsMax and var place } when !body.IsEmpty => new RoundUplink.Seated(shard, place, body.ToArray()),
        { Kind: "answered", Shard: { } shard, Step: { } step } when IsStep(shard, step) => new RoundUplink.Answered(shard, step, body.ToArray()),
        _ => null,
    };

    private static bool IsStep(string shard, SecureSumStep step) => shard.Length <= NameMax && Enum.IsDefined(step);

    private static byte[] Write(RoundHead head, ReadOnlySpan<byte> body)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(head, RoundJson.Default.RoundHead);
        var length = FixedBytes + json.Length + body.Length;
        if (length > MaxBytes) throw new ArgumentException($"a message of {length} bytes is beyond the {MaxBytes} that travel over MQTT: choose a smaller model, or another codec");
        var bytes = new byte[length];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), json.Length);
        json.CopyTo(bytes, FixedBytes);
        body.CopyTo(bytes.AsSpan(FixedBytes + json.Length));
        return bytes;
    }

    private static RoundHead? Read(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (bytes.Length is < FixedBytes or > MaxBytes || bytes[0] != Version) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]);
        if (length is < 2 or > HeadBytesMax || length > bytes.Length - FixedBytes) return null;
        body = bytes[(FixedBytes + length)..];
        try
        {
            return JsonSerializer.Deserialize(bytes.Slice(FixedBytes, length), RoundJson.Default.RoundHead);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Everything that is short, of any message; its kind says which of it there is.</summary>
    internal sealed record RoundHead
    {
        public string? Kind { get; init; }
        public OrderHead? Order { get; init; }
        public string? Shard { get; init; }
        public SecureSumStep? Step { get; init; }
        public int? Round { get; init; }
        public string? Refusal { get; init; }
        public double? Seconds { get; init; }
        public int? Samples { get; init; }
        public double? Loss { get; init; }
        public int? Place { get; init; }
    }

    /// <summary>An order without its vectors.</summary>
    internal sealed record OrderHead(
        ModelDescription Model, string Name, int Weights, int Control, ClientInstructions Instructions, string Codec, double UpdateNormMax, bool CountsOnce, SecurePlace? Place)
    {
        public static OrderHead Of(TrainingOrder o) => new(o.Model, o.Name, o.Weights.Length, o.Control.Length, o.Instructions, o.Codec, o.UpdateNormMax, o.CountsOnce, o.Place);

        /// <summary>Nothing where the body does not hold what the head says, or the head says what cannot be.</summary>
        public TrainingOrder? With(ReadOnlySpan<byte> body)
        {
            if (Model is not { Kind: not null, Settings: not null, Centre.Length: <= ChannelsMax, Scale.Length: <= ChannelsMax } || Name is not { Length: <= NameMax } || Codec is null) return null;
            if (Instructions is not { Training: not null, Strategy: not null } || Weights < 1 || Control < 0 || (long)Weights + Control != body.Length / 4 || body.Length % 4 != 0) return null;
            if (Place is { } place && (place.Shard is not { Length: <= NameMax } || place.Credentials is not { Count: <= ParticipantsMax } || place.Credentials.Any(c => c is null))) return null;
            var vectors = MemoryMarshal.Cast<byte, float>(body);
            return new(Model, Name, vectors[..Weights].ToArray(), vectors[Weights..].ToArray(), Instructions, Codec, UpdateNormMax, CountsOnce, Place);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true, MaxDepth = 8, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RoundWire.RoundHead))]
internal sealed partial class RoundJson : JsonSerializerContext;
