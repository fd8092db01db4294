using CitySafeSense.Hotspots;
using CitySafeSense.Tables;

namespace CitySafeSense.Geo;

/// <summary>Something that happened somewhere on a day.</summary>
public readonly record struct DatedPoint(LatLng Position, DateOnly Day);

/// <summary>Geocoded, dated events of a table.</summary>
/// <param name="Unplaced">Rows that are no event at a place, by why: "no value", "0, 0", "no date".</param>
/// <param name="Understood">Columns and dialect, in words.</param>
public sealed record EventTable(IReadOnlyList<DatedPoint> Events, IReadOnlyDictionary<string, int> Unplaced, string Understood)
{
    private const string NoValue = "no value", Zero = "0, 0", NoDate = "no date";
    private static readonly string[] latitudes = ["lat", "latitude", "y"], longitudes = ["lon", "lng", "long", "longitude", "x"];
    private static readonly string[] dates = ["date", "day", "datetime", "timestamp", "time", "occurred", "data", "month"];
    private static readonly string[] missing = ["", "null", "na", "n/a", "nan", "none", "-"];

    /// <summary>Columns are found by name in any case (latitude, longitude, and a date or a time that begins with one). Rows without a position are counted.</summary>
    /// <param name="told">What is known of the dialect; the rest is found, and ambiguities are refused.</param>
    /// <exception cref="TableException">Names the line, the column and what helps.</exception>
    public static EventTable Read(Stream stream, string name, TableDialect? told = null)
    {
        using var table = DelimitedTable.Open(stream, name, told);
        string[] columns = [.. table.Columns.Select(c => c.ToLowerInvariant())];
        var (latitude, longitude) = (Column(table, columns, "latitude", latitudes), Column(table, columns, "longitude", longitudes));
        int[] candidates = [.. dates.Select(d => Array.IndexOf(columns, d)).Where(i => i >= 0)];
        if (candidates.Length == 0) throw NoColumn(table, "date", dates);
        var (positions, unplaced, degrees) = (new List<LatLng>(), new SortedDictionary<string, int>(StringComparer.Ordinal), new DegreeColumns(name, told?.Decimal));
        var (date, days) = (-1, new DayColumn(name, told?.DateFormat));
        while (table.Read())
        {
            // The first that holds one: a column "day" may well hold Monday.
            if (date < 0) date = candidates.Where(c => told?.DateFormat is not null || DayColumn.IsDay(table[c])).Append(-1).First();
            var written = table[date < 0 ? candidates[0] : date];
            if ((Why(table[latitude], table[longitude]) ?? (IsMissing(written) ? NoDate : null)) is { } why)
            {
                unplaced[why] = unplaced.GetValueOrDefault(why) + 1;
                days.Witness(written, table.Line);
                continue;
            }
            positions.Add(degrees.Read(table[latitude], table[longitude], table.Line));
            days.Add(written, table.Line);
        }
        var understood = $"{table.Understood}; places {table.Columns[latitude]}, {table.Columns[longitude]}, decimals with \"{degrees.Mark}\"; days {(date < 0 ? "none" : $"{table.Columns[date]} as {days.Understood}")}";
        return new([.. positions.Zip(days.Days(), (p, d) => new DatedPoint(p, d))], unplaced, understood);
    }

    private static string? Why(string latitude, string longitude) =>
        IsMissing(latitude) || IsMissing(longitude) ? NoValue
        : IsZero(latitude) && IsZero(longitude) ? Zero // what geocoders write where they found nothing; the sea off Ghana has no streets
        : null;

    private static bool IsMissing(string text) => missing.Contains(text.ToLowerInvariant());

    private static bool IsZero(string text) => text.Trim('0', '.', ',', '-', '+').Length == 0 && text.Contains('0');

    private static int Column(DelimitedTable table, string[] columns, string what, string[] names) =>
        names.Select(n => Array.IndexOf(columns, n)).FirstOrDefault(i => i >= 0, -1) is >= 0 and var at ? at : throw NoColumn(table, what, names);

    private static TableException NoColumn(DelimitedTable table, string what, string[] names) => new(
        $"{table.Name} has no column for the {what}: it should be called {string.Join(", ", names)}; there is {table.ColumnsInWords}, {table.Understood}");
}
