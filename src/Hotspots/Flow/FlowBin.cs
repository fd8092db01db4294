using CitySafeSense.Sensing;

namespace CitySafeSense.Hotspots;

/// <summary>
/// What a cell counts in a few minutes while it still takes contributions: windows by class, sudden changes of velocity, who came in and went
/// out on which side and how long they had stayed, the change of velocity with its variance, and who contributed. Two bins of one
/// time merge into what one would have counted. At most <see cref="EncodedBytesMax"/>; <see cref="Close"/> freezes it to numbers.
/// </summary>
public sealed class FlowBin(long startUnixSeconds)
{
    public const int EncodedBytesMax = 1024;
    private readonly ushort[] windows = new ushort[ActivityClasses.Counted], entries = new ushort[Side.Count], exits = new ushort[Side.Count];
    private readonly Contributors contributors = new();
    private uint movements;
    private ulong stayedSeconds;
    private double east, north, squares;

    private FlowBin(long startUnixSeconds, Contributors contributors)
        : this(startUnixSeconds) => this.contributors = contributors;

    public long StartUnixSeconds { get; } = startUnixSeconds;
    public IReadOnlyList<ushort> Windows => windows;

    /// <summary>Windows no trained model has looked at.</summary>
    public ushort Unclassified { get; private set; }

    public ushort Discontinuities { get; private set; }

    /// <summary>Contributors whose slot of the release this bin opened.</summary>
    public ushort SlotDevices { get; private set; }

    /// <summary>Pseudonyms of this bin, where they are few enough to be told apart.</summary>
    public IReadOnlyCollection<ulong> Pseudonyms => contributors.Known;

    public void Add(FlowRow row)
    {
        switch (row)
        {
            case Contribution contribution:
                Add(contribution);
                break;
            case Departure departure:
                Increase(ref exits[departure.WentTo]);
                stayedSeconds += (ulong)Math.Max(0, departure.StayedSeconds);
                break;
        }
    }

    /// <summary>Takes in what another bin of the same time has counted.</summary>
    public void Merge(FlowBin other)
    {
        if (other.StartUnixSeconds != StartUnixSeconds) throw new ArgumentException($"bins of {StartUnixSeconds} and {other.StartUnixSeconds} do not go together");
        Increase(windows, other.windows);
        Increase(entries, other.entries);
        Increase(exits, other.exits);
        (Unclassified, Discontinuities, SlotDevices) = (Sum(Unclassified, other.Unclassified), Sum(Discontinuities, other.Discontinuities), Sum(SlotDevices, other.SlotDevices));
        (movements, stayedSeconds) = (movements + other.movements, stayedSeconds + other.stayedSeconds);
        (east, north, squares) = (east + other.east, north + other.north, squares + other.squares);
        contributors.Merge(other.contributors);
    }

    public ClosedBin Close()
    {
        var (n, left) = (Math.Max(1, movements), exits.Sum(e => (double)e));
        var (meanEast, meanNorth) = (east / n, north / n);
        return new(
            StartUnixSeconds, [.. windows], Unclassified, Discontinuities, SlotDevices, contributors.Count, [.. entries], [.. exits],
            (Half)(left > 0 ? stayedSeconds / left : 0), (Half)meanEast, (Half)meanNorth, (Half)Math.Max(0, squares / n - meanEast * meanEast - meanNorth * meanNorth));
    }

    /// <summary>A bin that goes on from what was counted.</summary>
    internal static FlowBin Of(ClosedBin counted, IEnumerable<ulong> pseudonyms)
    {
        var n = (uint)counted.TotalWindows;
        var bin = new FlowBin(counted.StartUnixSeconds)
        {
            Unclassified = counted.Unclassified,
            Discontinuities = counted.Discontinuities,
            SlotDevices = counted.SlotDevices,
            movements = n,
            east = n * (double)counted.MeanChangeEast,
            north = n * (double)counted.MeanChangeNorth,
        };
        counted.Windows.ToArray().CopyTo(bin.windows, 0);
        foreach (var pseudonym in pseudonyms) bin.contributors.Add(pseudonym);
        return bin;
    }

    /// <summary>As it is stored.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(StartUnixSeconds);
        foreach (var counts in new[] { windows, entries, exits })
            foreach (var count in counts) writer.Write(count);
        writer.Write(Unclassified);
        writer.Write(Discontinuities);
        writer.Write(SlotDevices);
        writer.Write(movements);
        writer.Write(stayedSeconds);
        writer.Write(east);
        writer.Write(north);
        writer.Write(squares);
        contributors.Write(writer);
    }

    internal static FlowBin Read(BinaryReader reader)
    {
        var start = reader.ReadInt64();
        var counts = new ushort[ActivityClasses.Counted + 2 * Side.Count];
        for (var i = 0; i < counts.Length; i++) counts[i] = reader.ReadUInt16();
        var (unclassified, discontinuities, slots) = (reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadUInt16());
        var (movements, stayed) = (reader.ReadUInt32(), reader.ReadUInt64());
        var (east, north, squares) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        var bin = new FlowBin(start, Contributors.Read(reader))
        {
            Unclassified = unclassified,
            Discontinuities = discontinuities,
            SlotDevices = slots,
            movements = movements,
            stayedSeconds = stayed,
            east = east,
            north = north,
            squares = squares,
        };
        counts.AsSpan(0, ActivityClasses.Counted).CopyTo(bin.windows);
        counts.AsSpan(ActivityClasses.Counted, Side.Count).CopyTo(bin.entries);
        counts.AsSpan(ActivityClasses.Counted + Side.Count).CopyTo(bin.exits);
        return bin;
    }

    private void Add(Contribution contribution)
    {
        if (contribution.Activity is { } activity) Increase(ref windows[(int)activity]);
        else Unclassified = Sum(Unclassified, 1);
        if (VelocityDiscontinuity.Is(contribution)) Discontinuities = Sum(Discontinuities, 1);
        if (contribution.CountsInSlot) SlotDevices = Sum(SlotDevices, 1);
        if (contribution.CameFrom is { } side) Increase(ref entries[side]);
        var change = contribution.VelocityChange;
        movements++;
        east += change.EastMetresPerSecond;
        north += change.NorthMetresPerSecond;
        squares += (double)change.EastMetresPerSecond * change.EastMetresPerSecond + (double)change.NorthMetresPerSecond * change.NorthMetresPerSecond;
        contributors.Add(contribution.Contributor);
    }

    private static void Increase(ref ushort count) => count = Sum(count, 1);

    private static void Increase(ushort[] counts, ushort[] by)
    {
        for (var i = 0; i < counts.Length; i++) counts[i] = Sum(counts[i], by[i]);
    }

    /// <summary>Saturates.</summary>
    private static ushort Sum(ushort a, ushort b) => (ushort)Math.Min(ushort.MaxValue, a + b);
}
