using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using FsCheck;
using FsCheck.Fluent;

namespace CitySafeSense.Science.Hotspots;

public class CellFlowTests
{
    private static readonly BinClock Clock = new(300, 60);

    [Fact]
    public void Pushes_that_come_again_in_any_overlap_count_once()
    {
        Prop.ForAll<int>(seed =>
        {
            var rng = new Rng((ulong)seed);
            (long, Contribution)[] rows = [.. Enumerable.Range(0, 40).Select(i => ((long)i, At(rng.NextInt(900), (ulong)rng.NextInt(9))))];
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
        Assert.Empty(flow.Close(359, long.MinValue, Clock).Bins);
        var (bins, changed) = flow.Close(360, long.MinValue, Clock);
        Assert.True(changed);
        var closed = Assert.Single(bins);
        Assert.Equal((0, 2, 2), (closed.StartUnixSeconds, closed.Close().TotalWindows, closed.Contributors.Count));
        flow.Apply(0, [(3, At(299, 3))], Clock);
        Assert.Equal((3, 1), (flow.Counted, flow.Late));
    }

    [Fact]
    public void Contributors_are_forgotten_once_the_region_has_confirmed()
    {
        var flow = new CellFlow();
        flow.Apply(0, [(0, At(10, 0xABCDEF0123456789))], Clock);
        flow.Close(400, long.MinValue, Clock);
        byte[] pseudonym = [0x89, 0x67, 0x45, 0x23, 0x01, 0xEF, 0xCD, 0xAB];
        Assert.True(flow.Encode().AsSpan().IndexOf(pseudonym) >= 0);
        Assert.Single(flow.Close(400, long.MinValue, Clock).Bins); // unconfirmed: told again
        Assert.Empty(flow.Close(400, 0, Clock).Bins);
        Assert.True(flow.Encode().AsSpan().IndexOf(pseudonym) < 0);
        Assert.Equal(1, flow.Closed.Single().Contributors);
    }

    [Fact]
    public void A_day_of_bins_stays_within_its_bytes()
    {
        var flow = new CellFlow();
        for (var bin = 0; bin < 400; bin++)
        {
            flow.Apply(bin % 16, [.. Enumerable.Range(0, 70).Select(i => (bin * 70L + i, At(bin * 300, (ulong)i)))], Clock);
            flow.Close(bin * 300 + 360, (bin - 1) * 300, Clock);
        }
        Assert.Equal(CellFlow.ClosedBinsKept, flow.Closed.Count);
        Assert.InRange(flow.Encode().Length, 1, 24 * 1024);
    }

    [Fact]
    public void Counts_saturate_and_contributors_stop_at_what_is_told_apart()
    {
        var bin = new FlowBin(0);
        for (var i = 0; i < 70_000; i++) bin.Add(At(1, (ulong)i));
        Assert.Equal((65_535, FlowBin.ContributorsToldApart), (bin.Windows[(int)ActivityClass.Walking], (int)bin.Close().Contributors));
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
    }

    [Fact]
    public void Contribution_survives_its_encoding_classified_or_not()
    {
        var contribution = new Contribution(77, ActivityClass.Mugging, 0.9f, new(1, -2), 5, true);
        Assert.Equal(contribution, Contribution.Decode(contribution.Encode()));
        Assert.Equal(contribution with { Activity = null }, Contribution.Decode((contribution with { Activity = null }).Encode()));
        Assert.Throws<FormatException>(() => Contribution.Decode(new byte[5]));
    }

    [Fact]
    public void Score_is_the_excess_over_the_regions_share()
    {
        Assert.Equal((8 - 1) / Math.Sqrt(2), IncidentScore.Of(8, 10, 100, 1000), 1e-12);
        Assert.Equal(0, IncidentScore.Of(0, 0, 100, 1000));
    }

    private static Contribution At(long seconds, ulong contributor) => new(seconds, ActivityClass.Walking, 0.8f, default, contributor, true);
}
