using System.Buffers.Binary;
using System.Collections.Immutable;

namespace CitySafeSense.Privacy;

/// <summary>
/// In which (cell, hour) slots of a week a device has been counted. A device that is everywhere must not weigh more than the
/// noise hides, so it is admitted to a bounded number of slots; within one it counts once.
/// </summary>
/// <param name="Week">Weeks since the Unix epoch; a new week starts afresh.</param>
public sealed record ContributionTokens(long Week, ImmutableArray<ulong> Slots)
{
    /// <summary>The most slots a device-week is admitted to.</summary>
    public const int SlotsPerWeek = 24;

    private const long SecondsPerWeek = 7 * 24 * 3600;

    public static ContributionTokens None { get; } = new(0, []);

    /// <summary>True the first time a device appears in a slot it is admitted to: then it counts, with weight one.</summary>
    /// <param name="slot">A keyed name (<see cref="KeyedPseudonym.OfSlot"/>): stored in the clear, slots would be a history of where the device was.</param>
    public ContributionTokens Admit(ulong slot, long unixSeconds, out bool counts)
    {
        var week = unixSeconds / SecondsPerWeek;
        if (week < Week)
        {
            counts = false; // a clock that went back opens no week again
            return this;
        }
        var slots = week == Week ? Slots : [];
        counts = slots.Length < SlotsPerWeek && !slots.Contains(slot);
        return counts ? new(week, slots.Add(slot)) : this;
    }

    public byte[] Encode()
    {
        var bytes = new byte[8 + 8 * Slots.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Week);
        for (var i = 0; i < Slots.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8 + 8 * i), Slots[i]);
        return bytes;
    }

    public static ContributionTokens Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8) return None;
        var slots = ImmutableArray.CreateBuilder<ulong>();
        for (var at = 8; at + 8 <= bytes.Length; at += 8) slots.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]));
        return new(BinaryPrimitives.ReadInt64LittleEndian(bytes), slots.ToImmutable());
    }
}
