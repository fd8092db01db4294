using CitySafeSense.Sensing;

namespace CitySafeSense.Silo.Ingress;

/// <summary>A message as it came, not looked at yet.</summary>
/// <param name="Device">Who the broker, or a device's own credential, says sent it; nothing from a gateway, which speaks for many.</param>
/// <param name="Kind">Windows or Events.</param>
public sealed record Arrival(string? Device, DeviceTopic Kind, byte[] Payload);

/// <summary>What became of an arrival.</summary>
/// <param name="Device">Whose it was; nothing where that cannot be said.</param>
/// <param name="Sequence">Of a window that could be read.</param>
/// <param name="Event">Of an event that could be read.</param>
/// <param name="Refusal">Why it will never be taken.</param>
public readonly record struct Outcome(string? Device, ulong Epoch, ulong? Sequence, TakenEvent? Event, bool IsDuplicate, string? Refusal)
{
    /// <summary>It is durable: now, or since earlier.</summary>
    public bool IsAcknowledged => Refusal is null;
}
