using CitySafeSense.Sensing;

namespace CitySafeSense.Hotspots;

/// <summary>A bin that takes nothing any more: numbers only.</summary>
/// <param name="Windows">By class, at most 65,535 each.</param>
/// <param name="Contributors">Distinct; exact up to 64, beyond that within some 3 % (standard error).</param>
/// <param name="Entries">By the <see cref="Side"/> on which they came in.</param>
/// <param name="Exits">By the side on which they went out.</param>
/// <param name="MeanStaySeconds">How long those who went out had been there.</param>
/// <param name="MeanChangeEast">Of velocity over a window, m/s; <paramref name="MeanChangeNorth"/> likewise.</param>
/// <param name="ChangeVariance">Of that vector: the mean square distance from its mean, m2/s2.</param>
public sealed record ClosedBin(
    long StartUnixSeconds, IReadOnlyList<ushort> Windows, ushort Unclassified, ushort Discontinuities, ushort SlotDevices, ushort Contributors,
    IReadOnlyList<ushort> Entries, IReadOnlyList<ushort> Exits, Half MeanStaySeconds, Half MeanChangeEast, Half MeanChangeNorth, Half ChangeVariance)
{
    /// <summary>What it takes encoded, always.</summary>
    public const int EncodedBytes = 4 + 2 * (ActivityClasses.Counted + 4 + 2 * Side.Count) + 4 * 2;

    public int TotalWindows => Unclassified + Windows.Sum(w => w);

    internal void Write(BinaryWriter writer)
    {
        writer.Write((uint)StartUnixSeconds); // until 2106
        foreach (var count in Windows) writer.Write(count);
        foreach (var count in new[] { Unclassified, Discontinuities, SlotDevices, Contributors }) writer.Write(count);
        foreach (var count in Entries.Concat(Exits)) writer.Write(count);
        foreach (var value in new[] { MeanStaySeconds, MeanChangeEast, MeanChangeNorth, ChangeVariance }) writer.Write(value);
    }

    internal static ClosedBin Read(BinaryReader reader)
    {
        ushort[] Counts(int n) => [.. Enumerable.Range(0, n).Select(_ => reader.ReadUInt16())];
        return new(
            reader.ReadUInt32(), Counts(ActivityClasses.Counted), reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadUInt16(), Counts(Side.Count), Counts(Side.Count),
            reader.ReadHalf(), reader.ReadHalf(), reader.ReadHalf(), reader.ReadHalf());
    }
}
