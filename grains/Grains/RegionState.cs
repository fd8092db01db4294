using CitySafeSense.Contracts;
using CitySafeSense.Privacy;

namespace CitySafeSense.Grains;

/// <summary>What a region remembers: its cells, what it has released, and the slots of the noisy release.</summary>
[GenerateSerializer, Alias("citysafe.RegionState")]
public sealed class RegionState
{
    [Id(0)] public int Version { get; set; } = 1;
    [Id(1)] public SortedSet<string> Cells { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Start of the last bin recorded here; cells forget what they kept for it.</summary>
    [Id(2)] public long ConfirmedThrough { get; set; } = long.MinValue;

    [Id(3)] public List<ReleasedBin> Released { get; set; } = [];
    [Id(4)] public SortedSet<string> EverReleased { get; set; } = new(StringComparer.Ordinal);
    [Id(5)] public List<ReleaseSlot> Slots { get; set; } = [];

    /// <summary>Takes a bin's release in; it and what the cells may forget are one write.</summary>
    public void Record((ReleasedBin Bin, IReadOnlyList<ReleaseSlot> Slots) release)
    {
        Released = [.. Released.Append(release.Bin).TakeLast(Limits.ReleasedBinsPerRegion)];
        foreach (var cell in release.Bin.Cells.Where(c => c.Members == 1)) EverReleased.Add(cell.Cell);
        foreach (var slot in release.Slots)
        {
            var at = Slots.FindIndex(s => s.Cell == slot.Cell && s.HourUnixSeconds == slot.HourUnixSeconds);
            if (at < 0) Slots.Add(slot);
            else if (!Slots[at].Drawn) Slots[at] = Slots[at] with { Devices = Slots[at].Devices + slot.Devices };
        }
        ConfirmedThrough = release.Bin.StartUnixSeconds;
    }

    /// <summary>Draws the noisy value of every slot whose hour is over, once; it is stored before it is shown.</summary>
    public bool CloseSlots(long nowUnixSeconds, CityOptions city, Noise noise)
    {
        var (changed, mechanism) = (false, RegionRelease.Mechanism(city));
        for (var i = 0; i < Slots.Count; i++)
        {
            // The hour's last bin must have been recorded, or the slot would be drawn without it.
            var end = Slots[i].HourUnixSeconds + 3600;
            if (Slots[i].Drawn || nowUnixSeconds < end || ConfirmedThrough < Slots[i].HourUnixSeconds) continue;
            Slots[i] = Slots[i] with { Drawn = true, NoisyDevices = mechanism.Release(Slots[i].Devices, city.Contributors, noise) * mechanism.Scale, Devices = 0 };
            changed = true;
        }
        if (Slots.Count > Limits.ReleaseSlotsPerRegion) Slots.RemoveRange(0, Slots.Count - Limits.ReleaseSlotsPerRegion);
        return changed;
    }
}

/// <summary>One (r8 cell, hour) of the noisy release.</summary>
/// <param name="Devices">Devices counted while the hour lasts; forgotten when the value is drawn.</param>
/// <param name="NoisyDevices">What may be shown: the noisy count times the devices that each one counted stands for; null if it may not.</param>
[GenerateSerializer, Immutable, Alias("citysafe.ReleaseSlot")]
public sealed record ReleaseSlot(string Cell, long HourUnixSeconds, int Devices, bool Drawn, double? NoisyDevices);
