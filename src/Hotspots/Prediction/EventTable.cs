using System.Globalization;

namespace CitySafeSense.Hotspots;

/// <summary>Something that happened somewhere on a day.</summary>
public readonly record struct DatedPoint(LatLng Position, DateOnly Day);

/// <summary>
/// Geocoded, dated events as CSV of any layout: columns are found by name (latitude, longitude, and a date or a time that
/// begins with one). Rows without a position are passed over and counted.
/// </summary>
public static class EventTable
{
    /// <summary>Rows in one table.</summary>
    public const int RowsMax = 20_000_000;

    private static readonly string[] latitudes = ["lat", "latitude", "y"], longitudes = ["lon", "lng", "long", "longitude", "x"], dates = ["date", "day", "datetime", "timestamp", "time", "occurred", "data"];

    /// <param name="name">For messages.</param>
    /// <returns>The events, and how many rows had no position.</returns>
    /// <exception cref="FormatException">Names the line, the column and what is wrong.</exception>
    public static (IReadOnlyList<DatedPoint> Events, int Unplaced) Read(TextReader reader, string name)
    {
        var header = reader.ReadLine() ?? throw new FormatException($"{name} is empty");
        var separator = header.Count(c => c == ';') > header.Count(c => c == ',') ? ';' : ',';
        string[] columns = [.. header.Split(separator).Select(c => c.Trim().Trim('"', '\uFEFF').ToLowerInvariant())];
        int Column(string what, string[] names) => names.Select(n => Array.IndexOf(columns, n)).FirstOrDefault(i => i >= 0, -1) is >= 0 and var at ? at
            : throw new FormatException($"{name} has no column for the {what}: it should be called {string.Join(", ", names)}; there is {string.Join(", ", columns)}");
        var (latitude, longitude, date) = (Column("latitude", latitudes), Column("longitude", longitudes), Column("date", dates));
        var (events, unplaced) = (new List<DatedPoint>(), 0);
        for (var line = 2; reader.ReadLine() is { } row; line++)
        {
            if (row.Length == 0) continue;
            if (line > RowsMax) throw new FormatException($"{name}: more than {RowsMax} rows");
            var cells = row.Split(separator);
            if (cells.Length < columns.Length) throw new FormatException($"{name}, line {line}: {cells.Length} cells in {columns.Length} columns");
            string Cell(int column) => cells[column].Trim().Trim('"');
            if (Cell(latitude).Length == 0 || Cell(longitude).Length == 0)
            {
                unplaced++;
                continue;
            }
            events.Add(new(new(Number(Cell(latitude), 90), Number(Cell(longitude), 180)), Day(Cell(date))));

            double Number(string text, double bound) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && Math.Abs(value) <= bound ? value
                : throw new FormatException($"{name}, line {line}: \"{text}\" is no number of degrees up to {bound}");

            DateOnly Day(string text) => text.Length >= 10 && DateOnly.TryParseExact(text.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
                : throw new FormatException($"{name}, line {line}: \"{text}\" does not begin with a date as 2014-12-31");
        }
        return (events, unplaced);
    }
}
