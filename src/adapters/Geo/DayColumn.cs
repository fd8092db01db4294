using System.Globalization;
using CitySafeSense.Tables;

namespace CitySafeSense.Geo;

/// <summary>
/// Days as people write them, of one column. 2014-12-31, 2014/12/31 and 20141231 say what they are, and so does 2014-12, a month. Whether 05/04/2014 is in
/// April or May one row cannot say: all rows together can, or somebody does.
/// </summary>
internal sealed class DayColumn(string name, string? format)
{
    private const string Remedy = "--date-format dd/MM/yyyy or MM/dd/yyyy says it";
    private readonly List<(int First, int Second, int Year)> days = [];
    private int dayFirstLine, monthFirstLine, undecided;
    private bool isInOrder = true;

    /// <summary>How days were read, in words.</summary>
    public string Understood => format ?? (isInOrder ? "year, month, day" : dayFirstLine > 0 ? "dd/MM/yyyy" : "MM/dd/yyyy");

    public static bool IsDay(string text) => InOrder(text) is not null || Parts(text) is not null;

    /// <exception cref="TableException">It is no day; names the line and how one must look.</exception>
    public void Add(string text, int line) => days.Add(Look(text, line) ?? throw new TableException(
        $"{name}, line {line}: \"{text}\" does not begin with a date {(format is null ? "such as 2014-12-31 or 31/12/2014" : $"as --date-format {format} says")}"));

    /// <summary>A row that is left out may still tell days from months.</summary>
    public void Witness(string text, int line) => _ = Look(text, line);

    private (int First, int Second, int Year)? Look(string text, int line)
    {
        if (format is not null)
            return DateOnly.TryParseExact(text.Length > format.Length ? text.AsSpan(0, format.Length) : text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var told) ? (told.Month, told.Day, told.Year) : null;
        if (InOrder(text) is { } day) return (day.Month, day.Day, day.Year);
        if (Parts(text) is not { } parts) return null;
        isInOrder = false;
        if (parts.First > 12) dayFirstLine = dayFirstLine == 0 ? line : dayFirstLine;
        else if (parts.Second > 12) monthFirstLine = monthFirstLine == 0 ? line : monthFirstLine;
        else undecided++;
        if (dayFirstLine > 0 && monthFirstLine > 0)
            throw new TableException($"{name}: the date of line {dayFirstLine} begins with its day and that of line {monthFirstLine} with its month: they cannot be told apart in the other lines");
        return parts;
    }

    /// <summary>Of all rows, in their order.</summary>
    /// <exception cref="TableException">They may begin with the day as well as with the month.</exception>
    public IEnumerable<DateOnly> Days()
    {
        if (days.Count > 0 && undecided > 0 && dayFirstLine == 0 && monthFirstLine == 0)
            throw new TableException($"{name}: its dates may begin with the day or with the month ({days[0].First}/{days[0].Second}/{days[0].Year}); {Remedy}");
        return days.Select(d => dayFirstLine > 0 ? new DateOnly(d.Year, d.Second, d.First) : new DateOnly(d.Year, d.First, d.Second));
    }

    /// <summary>The largest part first: nothing to guess.</summary>
    private static DateOnly? InOrder(string text)
    {
        foreach (var (length, form) in new[] { (10, "yyyy-MM-dd"), (10, "yyyy/MM/dd"), (10, "yyyy.MM.dd"), (8, "yyyyMMdd"), (7, "yyyy-MM") })
            if (text.Length >= length && (text.Length == length || !char.IsAsciiDigit(text[length])) && DateOnly.TryParseExact(text.AsSpan(0, length), form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                return day;
        return null;
    }

    /// <summary>d/m/yyyy or m/d/yyyy, also with points or hyphens, and whatever behind a blank.</summary>
    private static (int First, int Second, int Year)? Parts(string text)
    {
        var parts = text.Split([' ', 'T', ','], 2)[0].Split('/', '.', '-');
        if (parts is not [{ Length: 1 or 2 } a, { Length: 1 or 2 } b, { Length: 4 } c]) return null;
        if (!int.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var first) || !int.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var second)
            || !int.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out var year) || year == 0) return null;
        var isDay = (int day, int month) => month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month);
        return isDay(first, second) || isDay(second, first) ? (first, second, year) : null;
    }
}
