using CitySafeSense.Sensing;

namespace CitySafeSense.Hotspots;

/// <summary>Cell states from before flows had directions: all bins, open and closed, lay in one state, and contributors ended at 64.</summary>
public sealed partial class CellFlow
{
    private void ReadVersion1(BinaryReader reader)
    {
        for (var n = reader.ReadInt32(); n > 0; n--)
        {
            var (bin, pseudonyms) = ReadBinVersion1(reader, hasPseudonyms: true);
            open[bin.StartUnixSeconds] = FlowBin.Of(bin, pseudonyms);
        }
        for (var n = reader.ReadInt32(); n > 0; n--)
        {
            var (bin, pseudonyms) = ReadBinVersion1(reader, hasPseudonyms: true);
            pending[bin.StartUnixSeconds] = new(bin, pseudonyms);
        }
        Inherited = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => ReadBinVersion1(reader, hasPseudonyms: false).Bin)];
    }

    private static (ClosedBin Bin, ulong[] Pseudonyms) ReadBinVersion1(BinaryReader reader, bool hasPseudonyms)
    {
        var start = reader.ReadInt64();
        var windows = new ushort[ActivityClasses.Counted]; // then of the classifier only
        for (var c = 0; c < ActivityClasses.Count; c++) windows[c] = reader.ReadUInt16();
        var (unclassified, discontinuities, slots, contributors) = (reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadUInt16());
        var n = (float)Math.Max(1, unclassified + windows.Sum(w => w));
        var (east, north) = (reader.ReadSingle() / n, reader.ReadSingle() / n); // sums then, means now
        ulong[] pseudonyms = hasPseudonyms ? [.. Enumerable.Range(0, contributors).Select(_ => reader.ReadUInt64())] : [];
        var none = new ushort[Side.Count];
        return (new(start, windows, unclassified, discontinuities, slots, contributors, none, none, (Half)0, (Half)east, (Half)north, (Half)0), pseudonyms);
    }
}
