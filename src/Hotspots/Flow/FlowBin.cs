using CitySafeSense.Sensing;

namespace CitySafeSense.Hotspots;

/// <summary>
/// What a cell counts in a few minutes: windows by class, sudden changes of velocity, the sum of movement, and who contributed
/// (up to 64 told apart; more are "at least 64"). Open it takes contributions; <see cref="Close"/> freezes it to numbers.
/// </summary>
public sealed class FlowBin(long startUnixSeconds)
{
    public const int ContributorsToldApart = 64;
    private readonly ushort[] windows = new ushort[ActivityClasses.Count];
    private readonly SortedSet<ulong> contributors = [];

    public long StartUnixSeconds { get; } = startUnixSeconds;
    public IReadOnlyList<ushort> Windows => windows;

    /// <summary>Windows no trained model has looked at.</summary>
    public ushort Unclassified { get; private set; }

    public ushort Discontinuities { get; private set; }

    /// <summary>Devices whose slot of the release this bin opened.</summary>
    public ushort SlotDevices { get; private set; }

    public float VelocityChangeEast { get; private set; }
    public float VelocityChangeNorth { get; private set; }

    /// <summary>Pseudonyms of this bin.</summary>
    public IReadOnlyCollection<ulong> Contributors => contributors;

    public void Add(Contribution contribution)
    {
        if (contribution.Activity is { } activity) windows[(int)activity] = Saturating(windows[(int)activity]);
        else Unclassified = Saturating(Unclassified);
        if (VelocityDiscontinuity.Is(contribution)) Discontinuities = Saturating(Discontinuities);
        if (contribution.CountsInSlot) SlotDevices = Saturating(SlotDevices);
        VelocityChangeEast += contribution.VelocityChange.EastMetresPerSecond;
        VelocityChangeNorth += contribution.VelocityChange.NorthMetresPerSecond;
        if (contributors.Count < ContributorsToldApart) contributors.Add(contribution.Contributor);
    }

    public ClosedBin Close() => new(
        StartUnixSeconds, [.. windows], Unclassified, Discontinuities, SlotDevices, (ushort)contributors.Count, VelocityChangeEast, VelocityChangeNorth);

    internal void Write(BinaryWriter writer)
    {
        Close().Write(writer);
        foreach (var contributor in contributors) writer.Write(contributor);
    }

    internal static FlowBin Read(BinaryReader reader)
    {
        var frozen = ClosedBin.Read(reader);
        var bin = new FlowBin(frozen.StartUnixSeconds)
        {
            Unclassified = frozen.Unclassified,
            Discontinuities = frozen.Discontinuities,
            SlotDevices = frozen.SlotDevices,
            VelocityChangeEast = frozen.VelocityChangeEast,
            VelocityChangeNorth = frozen.VelocityChangeNorth,
        };
        for (var c = 0; c < ActivityClasses.Count; c++) bin.windows[c] = frozen.Windows[c];
        for (var i = 0; i < frozen.Contributors; i++) bin.contributors.Add(reader.ReadUInt64());
        return bin;
    }

    private static ushort Saturating(ushort count) => count == ushort.MaxValue ? count : (ushort)(count + 1);
}

/// <summary>A bin that takes nothing any more: numbers only.</summary>
/// <param name="Windows">By class, at most 65,535 each.</param>
/// <param name="Contributors">Distinct, at most 64.</param>
public sealed record ClosedBin(
    long StartUnixSeconds, IReadOnlyList<ushort> Windows, ushort Unclassified, ushort Discontinuities, ushort SlotDevices, ushort Contributors,
    float VelocityChangeEast, float VelocityChangeNorth)
{
    public int TotalWindows => Unclassified + Windows.Sum(w => w);

    /// <summary>Windows of the classes that stand for harm.</summary>
    public int Incidents => Enumerable.Range(0, Windows.Count).Where(c => ActivityClasses.IsIncident((ActivityClass)c)).Sum(c => Windows[c]);

    internal void Write(BinaryWriter writer)
    {
        writer.Write(StartUnixSeconds);
        foreach (var count in Windows) writer.Write(count);
        writer.Write(Unclassified);
        writer.Write(Discontinuities);
        writer.Write(SlotDevices);
        writer.Write(Contributors);
        writer.Write(VelocityChangeEast);
        writer.Write(VelocityChangeNorth);
    }

    internal static ClosedBin Read(BinaryReader reader)
    {
        var start = reader.ReadInt64();
        var windows = new ushort[ActivityClasses.Count];
        for (var c = 0; c < windows.Length; c++) windows[c] = reader.ReadUInt16();
        return new(start, windows, reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadSingle(), reader.ReadSingle());
    }
}
