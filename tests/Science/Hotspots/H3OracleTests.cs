using System.Diagnostics;
using System.Globalization;
using CitySafeSense.Hotspots;
using CitySafeSense.Tests;

namespace CitySafeSense.Science.Hotspots;

/// <summary>The grid beside h3-js, the reference: a million points, and every pentagon of every resolution with what lies around it.</summary>
public class H3OracleTests
{
    private const string Points = "1000000", Seed = "20261127";

    [OracleFact]
    public void Cells_outlines_neighbours_distances_and_children_are_those_of_the_reference()
    {
        using var node = Process.Start(new ProcessStartInfo("node", [OracleFactAttribute.Script!, Points, Seed]) { RedirectStandardOutput = true })!;
        var counts = new Dictionary<char, int>();
        var wrong = new List<string>();
        Parallel.ForEach(Lines(node.StandardOutput), line =>
        {
            var isRight = Check(line.Split(' '));
            lock (counts)
            {
                counts[line[0]] = counts.GetValueOrDefault(line[0]) + 1;
                if (!isRight && wrong.Count < 20) wrong.Add(line);
            }
        });
        node.WaitForExit();
        Assert.Equal(0, node.ExitCode);
        Assert.Empty(wrong);
        Assert.True(counts['p'] == 1_000_000 && counts['d'] > 23_000 && counts['b'] > 23_000 && counts['g'] > 18_000 && counts['c'] == 290, string.Join(' ', counts));
    }

    private static bool Check(string[] line) => line[0] switch
    {
        "p" => CheckPoint(line),
        "d" => string.Join(',', H3.GridDisk(Cell(line[1]), Integer(line[2])).Select(c => c.ToString()).Order(StringComparer.Ordinal)) == line[3],
        "b" => AreSame([.. line[2].Split(';').Select(p => new LatLng(Number(p.Split(',')[0]), Number(p.Split(',')[1])))], H3.CellToBoundary(Cell(line[1]))),
        "g" => H3.GridDistance(Cell(line[1]), Cell(line[2])) == Integer(line[3]),
        "c" => string.Join(',', H3.Children(Cell(line[1]), Integer(line[2])).Select(c => c.ToString()).Order(StringComparer.Ordinal)) == line[3],
        _ => false,
    };

    private static bool CheckPoint(string[] line)
    {
        var cell = Cell(line[4]);
        return H3.LatLngToCell(new(Number(line[1]), Number(line[2])), Integer(line[3])) == cell && IsNear(new(Number(line[5]), Number(line[6])), H3.CellToLatLng(cell));
    }

    /// <summary>The same corners in the same order, from wherever it begins.</summary>
    private static bool AreSame(LatLng[] expected, IReadOnlyList<LatLng> outline) => expected.Length == outline.Count
        && Enumerable.Range(0, expected.Length).Any(from => Enumerable.Range(0, expected.Length).All(i => IsNear(expected[(from + i) % expected.Length], outline[i])));

    /// <summary>Within a tenth of a millimetre.</summary>
    private static bool IsNear(LatLng a, LatLng b) => Math.Abs(a.LatitudeDegrees - b.LatitudeDegrees) < 1e-9
        && Math.Abs(Math.IEEERemainder(a.LongitudeDegrees - b.LongitudeDegrees, 360)) * Math.Cos(double.DegreesToRadians(a.LatitudeDegrees)) < 1e-9;

    private static IEnumerable<string> Lines(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
            if (line.Length > 0) yield return line;
    }

    private static CellId Cell(string text) => CellId.TryParse(text, out var cell) ? cell : throw new FormatException(text);

    private static int Integer(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>A fact beside h3-js; skipped, and said so, where `npm ci` has not been run in tests/Node.</summary>
public sealed class OracleFactAttribute : FactAttribute
{
    public OracleFactAttribute()
    {
        if (Script is null) Skip = "needs node, and `npm ci --prefix tests/Node`: without it the recorded vectors are what is compared";
    }

    /// <summary>Nothing where it cannot run.</summary>
    public static string? Script { get; } = HasNode() ? NodeScript.Find("h3.js", "h3-js") : null;

    private static bool HasNode() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "node")));
}
