using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;
using FsCheck;
using FsCheck.Fluent;
using Xunit.Abstractions;

namespace CitySafeSense.Science.Hotspots;

[Collection(nameof(MeasuredAlone))]
public class CellFlowTests(ITestOutputHelper output)
{
    private const int CellBytesMax = 24 * 1024, BinsInHand = 5;
    private static readonly KeyedPseudonym pseudonyms = new(new byte[KeyedPseudonym.KeyBytes]);
    private static readonly BinClock Clock = new(300, 60);

    [Fact]
    public void Pushes_that_come_again_in_any_overlap_count_once()
    {
        Prop.ForAll<int>(seed =>
        {
            var rng = new Rng((ulong)seed);
            (long, FlowRow)[] rows = [.. Enumerable.Range(0, 40).Select(i => ((long)i, (FlowRow)At(rng.NextInt(900), (ulong)rng.NextInt(9))))];
            var (flow, sent) = (new CellFlow(), 0);
            while (sent < rows.Length)
            {
                var from = Math.Max(0, sent - rng.NextInt(10)); // what was pushed before is pushed again
                var to = Math.Min(rows.Length, sent + 1 + rng.NextInt(10));
                flow.Apply(3, rows[from..to], Clock);
                sent = to;
                flow = CellFlow.Decode(flow.Encode());
            }
            return flow.Counted == rows.Length && flow.Open.Sum(b => b.Close().TotalWindows) == rows.Length;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Bin_closes_after_its_lateness_and_takes_nothing_then()
    {
        var flow = new CellFlow();
        flow.Apply(0, [(0, At(10, 1)), (1, At(20, 2)), (2, At(310, 1))], Clock);
        Assert.Empty(flow.Close(359, long.MinValue, Clock).Closed);
        var (bins, changed) = flow.Close(360, long.MinValue, Clock);
        Assert.True(changed);
        var closed = Assert.Single(bins);
        Assert.Equal((0, 2, 2), ((int)closed.StartUnixSeconds, closed.TotalWindows, (int)closed.Contributors));
        flow.Apply(0, [(3, At(299, 3)), (4, new Departure(299, 1, 5))], Clock);
        Assert.Equal((3, 1), (flow.Counted, flow.Late));
    }

    [Fact]
    public void Contributors_are_forgotten_once_the_region_has_confirmed()
    {
        var flow = new CellFlow();
        flow.Apply(0, [(0, At(10, 0xABCDEF0123456789))], Clock);
        Assert.Single(flow.Close(400, long.MinValue, Clock).Closed);
        byte[] pseudonym = [0x89, 0x67, 0x45, 0x23, 0x01, 0xEF, 0xCD, 0xAB];
        Assert.True(flow.Encode().AsSpan().IndexOf(pseudonym) >= 0);
        Assert.Empty(flow.Close(400, long.MinValue, Clock).Closed);
        Assert.Equal([0xABCDEF0123456789], Assert.Single(flow.Unconfirmed(long.MinValue)).Pseudonyms); // told again
        flow.Close(400, 0, Clock);
        Assert.Empty(flow.Unconfirmed(0));
        Assert.True(flow.Encode().AsSpan().IndexOf(pseudonym) < 0);
    }

    /// <summary>Fills every field of a cell: a day of closed bins, and as many open as there may be, each with more contributors than can be told apart.</summary>
    [Fact]
    public void Cell_that_is_full_stays_within_its_bytes()
    {
        var (flow, history) = Full();
        Assert.Equal(BinsInHand, Clock.BinsInHand);
        Assert.Equal((BinsInHand, CellHistory.BinsKept), (flow.Open.Count, history.Bins.Count));
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        flow.Open.First().Write(writer);
        writer.Flush();
        var watched = new FlowMonitor([H3.LatLngToCell(new(-23.5505, -46.6333), 9)]).Encode().Length;
        var (open, counting, past) = (stream.Length, flow.Encode().Length, history.Bytes.Length);
        output.WriteLine($"open bin {open} bytes; cell {counting} counting + {past} of a day + {watched} of its week and detectors = {counting + past + watched} bytes");
        Assert.InRange(open, 768, FlowBin.EncodedBytesMax);
        Assert.InRange(counting + past + watched, 16 * 1024, CellBytesMax);
    }

    [Fact]
    public void Five_thousand_full_cells_fit_into_160_megabytes()
    {
        const int cells = 5000;
        var (flow, history) = Full();
        var (counting, past) = (flow.Encode(), history.Bytes);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var all = Enumerable.Range(0, cells).Select(_ => (CellFlow.Decode(counting), CellHistory.Of([.. past]))).ToArray();
        var watch = new FlowMonitor([.. H3.GridDisk(H3.LatLngToCell(new(-23.5505, -46.6333), 9), 41).Take(cells)]);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"{cells} full cells: {bytes / 1e6:F1} MB");
        Assert.InRange(bytes, 80_000_000, 160_000_000);
        GC.KeepAlive((all, watch));
    }

    [Fact]
    public void Region_that_stays_away_costs_release_and_no_count()
    {
        var (flow, closed) = (new CellFlow(), new List<ClosedBin>());
        for (var bin = 0; bin < 20; bin++) closed.AddRange(flow.Apply(0, [(bin, At(300 * bin, (ulong)bin))], Clock).Closed);
        Assert.Equal(20, closed.Count + flow.Open.Count);
        Assert.InRange(flow.Open.Count + flow.Unconfirmed(long.MinValue).Count, 1, BinsInHand);
    }

    [Fact]
    public void Counts_saturate()
    {
        var bin = new FlowBin(0);
        for (var i = 0; i < 70_000; i++)
        {
            bin.Add(At(1, (ulong)i % 5) with { CameFrom = 2 });
            bin.Add(new Departure(2, 3, 1));
        }
        var closed = bin.Close();
        Assert.Equal((65_535, 65_535, 65_535, 5), (closed.Windows[(int)ActivityClass.Walking], closed.Entries[2], closed.Exits[3], closed.Contributors));
    }

    [Fact]
    public void Movement_has_a_mean_and_a_variance_and_those_who_leave_a_stay()
    {
        var bin = new FlowBin(0);
        (float East, float North)[] changes = [(1, 2), (3, -2), (-1, 0), (5, 4)];
        foreach (var (east, north) in changes) bin.Add(At(1, 1) with { VelocityChange = new(east, north) });
        bin.Add(new Departure(1, 0, 100));
        bin.Add(new Departure(1, 5, 200));
        var closed = bin.Close();
        Assert.Equal((2, 1, 150), ((double)closed.MeanChangeEast, (double)closed.MeanChangeNorth, (double)closed.MeanStaySeconds));
        Assert.Equal(changes.Average(c => (c.East - 2) * (c.East - 2) + (c.North - 1) * (c.North - 1)), (double)closed.ChangeVariance, 1e-2);
        Assert.Equal([1, 0, 0, 0, 0, 1, 0], closed.Exits.Select(e => (int)e));
    }

    [Fact]
    public void Bins_of_one_time_merge_into_what_one_would_have_counted()
    {
        Prop.ForAll<int>(seed =>
        {
            var rng = new Rng((ulong)seed);
            var (both, parts) = (new FlowBin(300), new[] { new FlowBin(300), new FlowBin(300) });
            for (var i = 0; i < 300; i++)
            {
                FlowRow row = rng.Chance(0.2) ? new Departure(310, rng.NextInt(Side.Count), rng.NextInt(900))
                    : new Contribution(310, (ActivityClass)rng.NextInt(7), 0.5f, new(rng.NextInt(8) - 4, rng.NextInt(8) - 4), Pseudonym(rng.NextInt(160)), rng.Chance(0.5), rng.Chance(0.1) ? rng.NextInt(Side.Count) : null);
                both.Add(row);
                parts[rng.NextInt(2)].Add(row);
            }
            parts[0].Merge(parts[1]);
            return Bytes(both).SequenceEqual(Bytes(parts[0]));
        }).QuickCheckThrowOnFailure();

        static byte[] Bytes(FlowBin bin)
        {
            using var stream = new MemoryStream();
            using var writer = new BinaryWriter(stream);
            bin.Write(writer);
            writer.Flush();
            return stream.ToArray();
        }
    }

    [Fact]
    public void Sudden_change_on_foot_is_a_discontinuity_and_in_a_car_it_is_not()
    {
        var jump = At(1, 1) with { VelocityChange = new(3, 0) };
        Assert.True(VelocityDiscontinuity.Is(jump));
        Assert.True(VelocityDiscontinuity.Is(jump with { Activity = null }));
        Assert.False(VelocityDiscontinuity.Is(jump with { Activity = ActivityClass.Riding }));
        Assert.False(VelocityDiscontinuity.Is(jump with { VelocityChange = new(1.5f, 1.5f) }));
    }

    [Fact]
    public void Damaged_state_is_refused()
    {
        var bytes = new CellFlow().Encode();
        Assert.Throws<FormatException>(() => CellFlow.Decode(bytes.AsMemory(0, bytes.Length - 1)));
        bytes[0] = 9;
        Assert.Contains("version 9", Assert.Throws<FormatException>(() => CellFlow.Decode(bytes)).Message);
        Assert.Throws<FormatException>(() => CellHistory.Of([]));
        Assert.Throws<FormatException>(() => CellHistory.Of([1, 2, 3]));
        Assert.Contains("version 7", Assert.Throws<FormatException>(() => CellHistory.Of([7])).Message);
    }

    /// <summary>As version 1 wrote it: one open bin of two windows by two people, one that waits for its region, and one closed.</summary>
    [Fact]
    public void State_of_version_1_is_read()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(1);
        foreach (var value in new long[] { 7, 1, -300 }) writer.Write(value);
        writer.Write(1);
        writer.Write(3);
        writer.Write(41L);
        foreach (var (count, start) in new[] { (1, 300L), (1, 0L), (1, -300L) })
        {
            writer.Write(count);
            writer.Write(start);
            for (var c = 0; c < ActivityClasses.Count; c++) writer.Write((ushort)(c == 1 ? 2 : 0));
            foreach (var n in new ushort[] { 0, 1, 2, 2 }) writer.Write(n);
            writer.Write(3f);
            writer.Write(-1f);
            if (start < 0) continue;
            writer.Write(5UL);
            writer.Write(6UL);
        }
        writer.Flush();
        var flow = CellFlow.Decode(stream.ToArray());
        Assert.Equal((7, 1), (flow.Counted, flow.Late));
        var open = Assert.Single(flow.Open).Close();
        Assert.Equal((300, 2, 1, 2, 2, 1.5), ((int)open.StartUnixSeconds, open.TotalWindows, (int)open.Discontinuities, (int)open.SlotDevices, (int)open.Contributors, (double)open.MeanChangeEast));
        Assert.Equal([5UL, 6UL], Assert.Single(flow.Unconfirmed(long.MinValue)).Pseudonyms);
        Assert.Equal(-300, Assert.Single(flow.Inherited).StartUnixSeconds);
        Assert.False(flow.Apply(3, [(41, At(310, 1))], Clock).Changed);
    }

    [Fact]
    public void History_takes_a_bin_that_closes_again_in_place_of_the_first()
    {
        var history = new CellHistory();
        var bin = new FlowBin(300);
        history.Take([bin.Close()]);
        bin.Add(At(310, 1));
        history.Take([bin.Close()]);
        Assert.Equal(1, Assert.Single(CellHistory.Of(history.Bytes).Bins).TotalWindows);
    }

    [Fact]
    public void Rows_survive_their_encoding()
    {
        var contribution = new Contribution(77, ActivityClass.Mugging, 0.9f, new(1, -2), 5, true);
        foreach (FlowRow row in new FlowRow[] { contribution, contribution with { Activity = null }, contribution with { CameFrom = 0 }, contribution with { CameFrom = Side.Beyond }, new Departure(9, 0, 77), new Departure(9, Side.Beyond, 0) })
            Assert.Equal(row, FlowRow.Decode(row.Encode()));
        Assert.Throws<FormatException>(() => FlowRow.Decode(new byte[5]));
        Assert.Throws<FormatException>(() => FlowRow.Decode([.. Enumerable.Repeat((byte)250, FlowRow.EncodedBytes)]));
    }

    [Fact]
    public void Score_is_the_excess_over_the_regions_share()
    {
        Assert.Equal((8 - 1) / Math.Sqrt(2), IncidentScore.Of(8, 10, 100, 1000), 1e-12);
        Assert.Equal(0, IncidentScore.Of(0, 0, 100, 1000));
    }

    private static (CellFlow Flow, CellHistory History) Full()
    {
        var (flow, history, busy) = (new CellFlow(), new CellHistory(), new FlowBin(0));
        for (var i = 0; i < 300; i++) busy.Add(At(1, Pseudonym(i)) with { CameFrom = i % Side.Count });
        history.Take(Enumerable.Range(0, 300).Select(i => busy.Close() with { StartUnixSeconds = 300L * i }));
        for (var partition = 0; partition < 16; partition++)
            flow.Apply(partition, [.. Enumerable.Range(0, 500).Select(i => ((long)i, (FlowRow)At(100_000_000 + 300 * (i % BinsInHand), Pseudonym(500 * partition + i))))], Clock);
        return (flow, history);
    }

    private static ulong Pseudonym(int person) => pseudonyms.OfContributor($"{person}", 0, 0);

    private static Contribution At(long seconds, ulong contributor) => new(seconds, ActivityClass.Walking, 0.8f, default, contributor, true);
}
