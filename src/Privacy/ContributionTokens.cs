using System.Buffers.Binary;
using System.Collections.Immutable;

namespace CitySafeSense.Privacy;

/// <summary>
/// In which hours of a week a device has been counted. A device that is everywhere must not weigh more than the noise hides, so it
/// is counted in a bounded number of hours, and in each of them once, in the cell where it is heard first.
/// </summary>
/// <param name="Week">Weeks since the Unix epoch; a new week starts afresh.</param>
public sealed record ContributionTokens(long Week, ImmutableArray<ulong> Slots)
{
    public const int HoursPerWeek = 168;
    private const long SecondsPerHour = 3600, SecondsPerWeek = HoursPerWeek * SecondsPerHour;

    /// <summary>No slot: what is said then is counted in no release.</summary>
    public const ulong NoSlot = 0;

    public static ContributionTokens None { get; } = new(0, []);

    /// <summary>
    /// Whether this is one of a device's hours: so many of the week, spread over it by chance of its own. Were they simply its first,
    /// a device that is always heard would have used them up before the first day was over.
    /// </summary>
    /// <param name="draw">Chance of this device and week.</param>
    public static bool IsChosen(ulong draw, long unixSeconds, int slotsPerWeek)
    {
        // h -> a h + b is a permutation of the hours where a and 168 = 8 * 3 * 7 have no factor in common.
        var (hour, step) = ((ulong)(unixSeconds % SecondsPerWeek / SecondsPerHour), draw % HoursPerWeek | 1);
        while (step % 3 == 0 || step % 7 == 0) step += 2;
        return (step * hour + draw / HoursPerWeek) % HoursPerWeek < (ulong)slotsPerWeek;
    }

    /// <summary>True the first time a device appears in a slot it is admitted to: then it counts, with weight one.</summary>
    /// <param name="slot">A keyed name (<see cref="KeyedPseudonym.OfSlot"/>): stored in the clear, slots would be a history of when the device was heard.</param>
    /// <param name="slotsPerWeek">Never more than so many.</param>
    public ContributionTokens Admit(ulong slot, long unixSeconds, int slotsPerWeek, out bool counts)
    {
        var week = unixSeconds / SecondsPerWeek;
        if (week < Week || slot == NoSlot)
        {
            counts = false; // a clock that went back opens no week again
            return this;
        }
        var slots = week == Week ? Slots : [];
        counts = slots.Length < slotsPerWeek && !slots.Contains(slot);
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
