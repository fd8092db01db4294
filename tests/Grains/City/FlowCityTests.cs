using CitySafeSense.City;
using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.Tests.City;

public class FlowCityTests
{
    [Fact]
    public void Counts_scatter_one_and_a_half_times_as_much_as_Poisson_and_are_the_same_for_a_seed()
    {
        var (first, again) = (new FlowCity(61, 7, 7, 0, 4), new FlowCity(61, 7, 7, 0, 4));
        var (counts, same, byHour) = (new int[61], new int[61], new List<(double Mean, double Variance)>());
        var window = new List<int[]>();
        for (var bin = 0; bin < first.Bins; bin++)
        {
            first.Next(bin, counts);
            again.Next(bin, same);
            Assert.Equal(counts, same);
            window.Add([.. counts]);
            if (window.Count < 6) continue;
            for (var cell = 0; cell < counts.Length; cell++)
            {
                var (mean, variance) = (window.Average(w => w[cell]), 0.0);
                variance = window.Sum(w => (w[cell] - mean) * (w[cell] - mean)) / (window.Count - 1);
                byHour.Add((mean, variance));
            }
            window.Clear();
        }
        Assert.InRange(byHour.Sum(h => h.Variance) / byHour.Sum(h => h.Mean), 1.4, 1.75); // half an hour's own change is in it
        Assert.InRange(byHour.Average(h => h.Mean), first.UsualPeople * 0.8, first.UsualPeople * 1.2);
    }

    [Fact]
    public void Incidents_are_as_large_as_they_are_called_each_in_a_cell_of_its_own_after_the_warm_up()
    {
        var (with, without) = (new FlowCity(91, 7, 7, 30, 5), new FlowCity(91, 7, 7, 0, 5));
        var (counts, usual, more) = (new int[91], new int[91], new Dictionary<int, int>());
        for (var bin = 0; bin < with.Bins; bin++)
        {
            with.Next(bin, counts);
            without.Next(bin, usual);
            for (var cell = 0; cell < 91; cell++)
                if (counts[cell] != usual[cell]) more[cell] = more.GetValueOrDefault(cell) + counts[cell] - usual[cell];
        }
        Assert.Equal(with.Incidents.ToDictionary(i => i.Cell, i => i.People), more);
        Assert.Equal([10, 10, 10], new[] { 3, 6, 12 }.Select(s => with.Incidents.Count(i => i.Deviations == s)));
        Assert.All(with.Incidents, i => Assert.InRange(i.Bin, with.WarmUpBins, with.Bins - FlowCity.IncidentBins));
    }

    [Fact]
    public void Alarms_of_one_cause_count_once()
    {
        var trace = new AlarmTrace(2, [[1], [0, 2], [1], []]);
        double[][] bins = [[5, 0, 0, 0], [5, 5, 0, 0], [0, 0, 5, 5], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [5, 0, 1, 0]];
        for (var bin = 0; bin < bins.Length; bin++) trace.Add(bin, bins[bin]);
        Assert.Equal([4, 1, 1], trace.Alarms(4).Select(c => c.Count)); // one that spreads, one far away, one long after
        Assert.Empty(trace.Alarms(6));
    }

    [Fact]
    public void Large_incidents_are_noticed_soon_and_without_any_there_are_few_alarms()
    {
        var trial = DetectionTrial.Run(new FlowCity(271, 28, 7, 60, 2));
        var grade = trial.Grade(FlowDetector.Combined, DetectionThresholds.Exact[FlowDetector.Combined]);
        Assert.True(grade.Found[12].Found >= 19 && grade.Found[6].Found >= 8 && grade.DelayMinutes < 25, grade.ToString());
        Assert.True(grade.Recall(6, 12).Share > trial.Grade(FlowDetector.ZScore, DetectionThresholds.Exact[FlowDetector.ZScore]).Recall(6, 12).Share);
        var quiet = DetectionTrial.Run(new FlowCity(271, 28, 7, 0, 3)).Grade(FlowDetector.Combined, DetectionThresholds.Exact[FlowDetector.Combined]);
        Assert.InRange(quiet.FalseAlarmsPerCellWeek, 0, 0.05);
    }

    [Fact]
    public void Noisy_hours_are_watched_too_and_tell_little()
    {
        var trial = DetectionTrial.RunOnNoisyHours(new FlowCity(271, 28, 7, 30, 2), 10, new Noise(new SeededBytes(new Rng(1))));
        var grade = trial.Grade(FlowDetector.ZScore, DetectionThresholds.Noisy[FlowDetector.ZScore]);
        Assert.True(grade.Recall(3, 6, 12).Share < 0.5 && trial.CellWeeks < 271);
    }
}
