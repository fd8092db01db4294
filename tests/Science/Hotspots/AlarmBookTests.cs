using CitySafeSense.Hotspots;

namespace CitySafeSense.Science.Hotspots;

public class AlarmBookTests
{
    private const long Bin = 300;
    private static readonly CellId Se = H3.LatLngToCell(new(-23.5505, -46.6333), 9);
    private static readonly AlarmRule Rule = new("crowd", [AnomalyKind.Crowd], Raise: 5, Clear: 3, RaiseBins: 2, ClearBins: 2, CoolDownMinutes: 10);

    [Fact]
    public void Rises_after_its_bins_holds_between_its_thresholds_and_falls_after_its_bins()
    {
        var book = new AlarmBook([Rule]);
        // 4 is between: it neither raises nor clears.
        AlarmState?[] states = [.. Play(book, Se, 0, 6, 4, 6, 6, 4, 2, 4, 2, 2, 0).Select(s => s)];
        Assert.Equal([null, null, null, null, AlarmState.Open, AlarmState.Open, AlarmState.Open, AlarmState.Open, AlarmState.Open, AlarmState.Cleared, AlarmState.Cleared], states);
        var alarm = Assert.Single(book.Alarms);
        Assert.Equal((1, "crowd", 6, 5 * Bin, 10 * Bin), (alarm.Number, alarm.Rule, alarm.Score, alarm.Opened, alarm.Cleared));
    }

    [Fact]
    public void Cell_that_cools_down_raises_nothing_and_then_raises_anew()
    {
        var book = new AlarmBook([Rule with { RaiseBins = 1, ClearBins = 1 }]);
        Play(book, Se, 6, 0, 6, 6, 6); // cleared at the end of bin 1; ten minutes are two bins
        Assert.Equal([AlarmState.Open, AlarmState.Cleared], book.Alarms.Select(a => a.State));
        Assert.Equal(4 * Bin, book.Alarms.First().Opened);
    }

    [Fact]
    public void Cells_side_by_side_are_one_alarm_and_it_clears_when_all_have()
    {
        var (book, beside, far) = (new AlarmBook([Rule with { RaiseBins = 1, ClearBins = 1 }]), H3.Neighbours(Se)[0], H3.GridDisk(Se, 5)[^1]);
        Judge(book, 0, (Se, 6), (far, 9));
        Judge(book, 1, (Se, 6), (beside, 7));
        Judge(book, 2, (beside, 7));
        var (first, second) = (book.Alarms.Single(a => a.Cells.Contains(Se)), book.Alarms.Single(a => a.Cells.Contains(far)));
        Assert.Equal((AlarmState.Open, 7), (first.State, first.Score));
        Assert.Equal([Se, beside], first.Cells);
        Assert.Equal(AlarmState.Cleared, second.State);
        Judge(book, 3);
        Assert.All(book.Alarms, a => Assert.Equal(AlarmState.Cleared, a.State));
    }

    [Fact]
    public void Bin_that_comes_again_and_a_restart_at_any_bin_change_nothing()
    {
        var scores = new double[] { 0, 6, 6, 4, 2, 2, 0, 6, 6, 6, 6, 1, 1 };
        var (whole, broken) = (new AlarmBook([Rule]), new AlarmBook([Rule]));
        Play(whole, Se, scores);
        for (var bin = 0; bin < scores.Length; bin++)
        {
            Judge(broken, bin, (Se, scores[bin]));
            broken = AlarmBook.Decode(broken.Encode());
            Assert.False(broken.Judge(bin * Bin, bin * Bin + Bin, []));
        }
        Assert.Equal(whole.Encode(), broken.Encode());
        Assert.NotEmpty(whole.Alarms);
    }

    [Fact]
    public void Somebody_acknowledges_it_once_and_says_who()
    {
        var book = new AlarmBook([Rule with { RaiseBins = 1 }]);
        Play(book, Se, 6);
        Assert.Contains("who", Assert.Throws<ArgumentException>(() => book.Acknowledge(1, " ", 7)).Message);
        Assert.Contains("no alarm 2", Assert.Throws<ArgumentException>(() => book.Acknowledge(2, "ana", 7)).Message);
        Assert.Equal((AlarmState.Acknowledged, 7, "ana"), (book.Acknowledge(1, "ana", 7) is var a ? a.State : default, a.Acknowledged, a.AcknowledgedBy));
        Assert.Contains("by ana", Assert.Throws<ArgumentException>(() => book.Acknowledge(1, "bob", 8)).Message);
        Judge(book, 1);
        Judge(book, 2);
        Assert.Equal(AlarmState.Cleared, book.Alarms.Single().State);
        Assert.Equal("ana", AlarmBook.Decode(book.Encode()).Alarms.Single().AcknowledgedBy);
    }

    [Fact]
    public void Rules_are_looked_at_and_alarms_of_a_rule_that_goes_clear()
    {
        var book = new AlarmBook([Rule with { RaiseBins = 1 }]);
        Play(book, Se, 6);
        foreach (var (wrong, says) in new (AlarmRule, string)[]
        {
            (Rule with { Name = "" }, "name"), (Rule with { Kinds = [] }, "kinds"), (Rule with { Kinds = [AnomalyKind.None] }, "kinds"), (Rule with { Raise = double.NaN }, "raise"),
            (Rule with { Clear = 6 }, "clear"), (Rule with { RaiseBins = 0 }, "raise_bins"), (Rule with { CoolDownMinutes = -1 }, "cool_down"),
        })
            Assert.Contains(says, Assert.Throws<ArgumentException>(() => book.Follow([wrong])).Message);
        Assert.Contains("two rules", Assert.Throws<ArgumentException>(() => book.Follow([Rule, Rule])).Message);
        Assert.Equal("crowd", Assert.Single(book.Rules).Name);
        book.Follow([Rule with { Name = "other" }]);
        Judge(book, 1, (Se, 6));
        Assert.Equal(AlarmState.Cleared, book.Alarms.Single(a => a.Rule == "crowd").State);
    }

    [Fact]
    public void Alarms_are_bounded_and_the_oldest_cleared_go_first()
    {
        var book = new AlarmBook([Rule with { RaiseBins = 1, ClearBins = 1, CoolDownMinutes = 0 }]);
        var far = H3.GridDisk(Se, 64).Where((_, i) => i % 7 == 0).Take(400).ToArray();
        for (var bin = 0; bin < 30; bin++) Judge(book, bin, [.. bin % 2 == 0 ? far.Select(c => (c, 6.0)) : []]);
        Assert.Equal(AlarmBook.AlarmsKept, book.Alarms.Count());
        Assert.True(book.Alarms.First().Number > AlarmBook.AlarmsKept);
        Assert.Throws<FormatException>(() => AlarmBook.Decode(book.Encode().AsMemory(0, 100)));
    }

    private static List<AlarmState?> Play(AlarmBook book, CellId cell, params double[] scores)
    {
        var states = new List<AlarmState?>();
        for (var bin = 0; bin < scores.Length; bin++)
        {
            Judge(book, bin, (cell, scores[bin]));
            states.Add(book.Alarms.FirstOrDefault()?.State);
        }
        return states;
    }

    private static void Judge(AlarmBook book, int bin, params (CellId Cell, double Score)[] scores) => Assert.True(book.Judge(
        bin * Bin, bin * Bin + Bin, [.. scores.Where(s => s.Score > 0).Select(s => new CellAnomaly(s.Cell, AnomalyKind.Crowd, s.Score, 20, 5, bin * Bin, EmergingClass.None))]));
}
