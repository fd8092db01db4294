using System.Diagnostics;
using System.Text.Json.Nodes;
using CitySafeSense.City;
using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;

namespace CitySafeSense.Benchmarks.Hotspots;

/// <summary>What watching a city costs on one thread: a bin of five thousand cells, and a space-time scan of two thousand.</summary>
internal sealed class HotspotsBenchmark(int runs)
{
    private const int WatchedCells = 5000, ScannedCells = 2000, RadiusMax = 6, SpanMax = 28, Periods = 56, Replications = 999, Bins = 40;

    public JsonObject Run()
    {
        Console.Error.WriteLine("hotspots: 5,000 cells, then the scan");
        return new JsonObject
        {
            ["machine"] = new JsonObject { ["cores"] = Environment.ProcessorCount, ["runtime"] = Environment.Version.ToString(), ["runs"] = runs },
            ["rows"] = new JsonArray(
                Rows.Row("5,000 cells, one bin: update and detection", Median(WatchMilliseconds), "milliseconds", 50, "lower"),
                Rows.Row("space-time scan (Poisson): 2,000 cells, radius 0-6, 28 days, 999", Median(() => ScanSeconds(ScanModel.Poisson)), "seconds", 10, "lower"),
                Rows.Row("the same by permutation", Median(() => ScanSeconds(ScanModel.Permutation)), "seconds", 10, "lower"),
                Rows.Row("position to cell, resolution 9", Median(CellsPerSecond), "1/second", null, "higher")),
        };
    }

    private double Median(Func<double> measure)
    {
        double[] sorted = [.. Enumerable.Range(0, runs).Select(_ => measure()).Order()];
        return sorted[sorted.Length / 2];
    }

    private static double WatchMilliseconds()
    {
        var city = new FlowCity(WatchedCells, 7, 1, 0, 1);
        var (monitor, counts) = (new FlowMonitor(city.Cells), new int[WatchedCells]);
        for (var bin = 0; bin < city.WarmUpBins; bin++)
        {
            city.Next(bin, counts);
            monitor.Observe(counts, detects: bin >= city.WarmUpBins - Bins);
        }
        var spent = TimeSpan.Zero;
        for (var bin = 0; bin < Bins; bin++)
        {
            city.Next(city.WarmUpBins + bin, counts);
            var began = Stopwatch.GetTimestamp();
            monitor.Observe(counts, detects: true);
            spent += Stopwatch.GetElapsedTime(began);
        }
        return spent.TotalMilliseconds / Bins;
    }

    private static double ScanSeconds(ScanModel model)
    {
        CellId[] cells = [.. H3.GridDisk(H3.LatLngToCell(VirtualCity.Centre, VirtualCity.CellResolution), 26).Take(ScannedCells)];
        var rng = new Rng(1);
        double[] expected = [.. Enumerable.Range(0, cells.Length * Periods).Select(_ => rng.Uniform(0.2, 1.8))];
        int[] cases = [.. expected.Select(e => (rng.Chance(e / 2) ? 1 : 0) + (rng.Chance(e / 2) ? 1 : 0))];
        var scan = new SpaceTimeScan(new ScanZones(cells, RadiusMax), SpanMax);
        var began = Stopwatch.GetTimestamp();
        scan.Run(cases, expected, model, Replications, 1);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static double CellsPerSecond()
    {
        const int Positions = 200_000;
        var (rng, began, last) = (new Rng(1), Stopwatch.GetTimestamp(), default(CellId));
        for (var i = 0; i < Positions; i++) last = H3.LatLngToCell(new(rng.Uniform(-24, -23), rng.Uniform(-47, -46)), 9);
        return last.IsValid ? Positions / Stopwatch.GetElapsedTime(began).TotalSeconds : 0;
    }
}
