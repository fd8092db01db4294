using System.Text;
using CitySafeSense.Geo;
using CitySafeSense.Tables;

namespace CitySafeSense.Tests.Geo;

public class EventTableTests
{
    /// <summary>The same 900 events in the forms in which people have them; those without a place are counted.</summary>
    [Theory]
    [InlineData("quoted-comma", 900, "", "separated by \",\", utf-8", "year, month, day")]
    [InlineData("quoted-comma-silent", 900, "", "separated by \",\", utf-8", "year, month, day")]
    [InlineData("ssp-sao-paulo", 864, "18 0, 0; 18 no value", "separated by \";\", iso-8859-1", "dd/MM/yyyy")]
    [InlineData("null-and-zero", 846, "18 0, 0; 36 no value", "separated by \",\", utf-8", "year, month, day")]
    [InlineData("us-date", 900, "", "separated by \",\", utf-8", "MM/dd/yyyy")]
    [InlineData("uk-police-month", 900, "", "separated by \",\", utf-8", "days Month as year, month, day")]
    [InlineData("day-of-week", 900, "", "separated by \",\", utf-8", "days datetime as year, month, day")]
    [InlineData("tab", 900, "", "separated by tabs, utf-8", "year, month, day")]
    public void Table_of_each_dialect_has_the_same_events(string file, int events, string unplaced, string dialect, string days)
    {
        using var stream = CaseFile.Open($"events/{file}.csv");
        var table = EventTable.Read(stream, "points.csv");
        Assert.Equal(events, table.Events.Count);
        Assert.Equal(unplaced, string.Join("; ", table.Unplaced.Select(u => $"{u.Value} {u.Key}")));
        Assert.Contains(dialect, table.Understood, StringComparison.Ordinal);
        Assert.Contains(days, table.Understood, StringComparison.Ordinal);
        // The first of them, to the second decimal of whatever precision the dialect keeps.
        Assert.Equal((-23.547071, -46.644171, 2011, 5), (Math.Round(table.Events[0].Position.LatitudeDegrees, 6), Math.Round(table.Events[0].Position.LongitudeDegrees, 6), table.Events[0].Day.Year, table.Events[0].Day.Month));
    }

    [Theory]
    [InlineData("year,date,lon,lat\n2011,2011-01-02,-46.5,-23.5\n2011,2011-01-03,,-23.5\n")]
    [InlineData("\uFEFF\"Latitude\";\"Longitude\";\"Timestamp\"\n-23.5;-46.5;2011-01-02T10:00:00Z\n;-46;2011-01-03\n")]
    [InlineData("lat|lng|occurred\r\n-23.5|-46.5|2/1/2011 10:00\r\nNULL|NULL|13/1/2011\r\n-23.5|NA|14.1.2011")]
    [InlineData("lat,lon,date\r-23.5,-46.5,2011.01.02\r0.000,0,2011.01.03\r")]
    [InlineData("date,LAT,LON,\n20110102,-23.5,-46.5,\n20110103,nan,nan,\n")]
    [InlineData("lat;lon;day;date\n\"-23,5\";-46,5;Sunday;2011-01-02\n-23,5;-46,5;Monday;\n")]
    public void Columns_are_found_by_name_and_rows_without_a_place_or_a_date_counted(string csv)
    {
        var table = Read(csv);
        Assert.Equal(new DatedPoint(new(-23.5, -46.5), new(2011, 1, 2)), Assert.Single(table.Events));
        Assert.InRange(table.Unplaced.Values.Sum(), 1, 2);
    }

    [Theory]
    [InlineData("", "points.csv is empty")]
    [InlineData("a,b\n", "no column for the latitude: it should be called lat")]
    [InlineData("a;lat\tlon\n", "separated by")]
    [InlineData("lat,lon,date\n95,0,2011-01-01\n", "line 2: \"95\" is no number of degrees up to 90")]
    [InlineData("lat,lon,date\n5,0,2011-13-01\n", "line 2: \"2011-13-01\" does not begin with a date")]
    [InlineData("lat,lon,date\n5,0,31/02/2011\n", "does not begin with a date")]
    [InlineData("lat,lon,date\n5,0,1/2/11\n", "does not begin with a date such as 2014-12-31")]
    [InlineData("lat,lon,date\n5,1,05/04/2011\n6,1,01/02/2012\n", "--date-format dd/MM/yyyy or MM/dd/yyyy says it")]
    [InlineData("lat,lon,date\n5,1,13/04/2011\n6,1,01/22/2012\n", "of line 2 begins with its day and that of line 3 with its month")]
    [InlineData("lat,lon,date\n5,0\n", "line 2: 2 cells in 3 columns")]
    [InlineData("lat,lon,date\n5,0,2011-01-01,7\n", "line 2: 4 cells in 3 columns")]
    [InlineData("lat,lon,date\n-23,5,-46,5,2011-01-01\n", "line 2: 5 cells in 3 columns")]
    [InlineData("lat;lon;date\n5.5;1.5;2011-01-01\n5,5;1,5;2011-01-01\n", "line 3: \"5,5\" has its decimals behind \",\" where \".\" is used otherwise")]
    [InlineData("lat;lon;date\n1.234,5;1;2011-01-01\n", "line 2")]
    [InlineData("lat,lon,date\n5,0,\"2011-01-01\n5,0,2011-01-01\n", "line")]
    [InlineData("lat,lon,date\n5,0,20\"11-01-01\n", "a quotation mark within a cell")]
    [InlineData("l\0a\0t\0,\0", "no table of text")]
    public void What_is_wrong_with_a_table_is_said_with_its_line(string csv, string message) =>
        Assert.Contains(message, Assert.Throws<TableException>(() => Read(csv)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_told_is_not_guessed()
    {
        Assert.Equal(new DateOnly(2011, 4, 5), Read("lat,lon,date\n5,1,05/04/2011\n", new(DateFormat: "dd/MM/yyyy")).Events[0].Day);
        Assert.Equal(new DateOnly(2011, 5, 4), Read("lat,lon,date\n5,1,05/04/2011\n", new(DateFormat: "MM/dd/yyyy")).Events[0].Day);
        Assert.Equal(new DateOnly(2011, 5, 4), Read("lat,lon,date\n5,1,04 May 2011 22:00\n", new(DateFormat: "dd MMM yyyy")).Events[0].Day);
        Assert.Equal(5.5, Read("lat,a lon;lon,date\n5.5,1;1,2011-01-01\n".Replace("a lon;", "", StringComparison.Ordinal).Replace("1;1", "1", StringComparison.Ordinal), new(Separator: ',', Decimal: '.')).Events[0].Position.LatitudeDegrees);
        Assert.Contains("where \",\" is used otherwise", Assert.Throws<TableException>(() => Read("lat;lon;date\n5.5;1;2011-01-01\n", new(Decimal: ','))).Message, StringComparison.Ordinal);
        var utf16 = Encoding.Unicode.GetBytes("lat,lon,date\n5,1,2011-01-01\n");
        Assert.Single(EventTable.Read(new MemoryStream(utf16), "points.csv", new(Encoding: "utf-16")).Events);
        Assert.Single(EventTable.Read(new MemoryStream([.. Encoding.Unicode.GetPreamble(), .. utf16]), "points.csv").Events);
        Assert.Contains("utf-8, utf-16, latin1", Assert.Throws<ArgumentException>(() => Read("lat,lon,date\n", new(Encoding: "klingon"))).Message, StringComparison.Ordinal);
    }

    private static EventTable Read(string csv, TableDialect? told = null) => EventTable.Read(new MemoryStream(Encoding.UTF8.GetBytes(csv)), "points.csv", told);
}
