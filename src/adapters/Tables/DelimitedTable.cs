using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace CitySafeSense.Tables;

/// <summary>
/// A table of text with a row of column names (RFC 4180: cells in quotes may hold separators, quotes and line ends). Separator and encoding are told or
/// found, and <see cref="Understood"/> says what was found. Reading is bounded: rows, columns and the length of a cell.
/// </summary>
public sealed class DelimitedTable : IDisposable
{
    /// <summary>The most rows, columns and characters of a cell that are read.</summary>
    public const int RowsMax = 20_000_000, ColumnsMax = 4096, CellCharactersMax = 1 << 20;

    private const int LookAtBytes = 1 << 16;
    private static readonly char[] separators = [',', ';', '\t', '|'];
    private readonly CsvParser parser;
    private readonly char separator;
    private readonly string encoding;
    private int rows;

    private DelimitedTable(CsvParser parser, char separator, string encoding, string name)
    {
        (this.parser, this.separator, this.encoding, Name) = (parser, separator, encoding, name);
        Columns = Next() ? [.. parser.Record!.Select(c => c.Trim())] : throw new TableException($"{name} is empty");
        if (Columns.Count > ColumnsMax) throw new TableException($"{name}: {Columns.Count} columns; at most {ColumnsMax} are read");
    }

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    public IReadOnlyList<string> Columns { get; }

    /// <summary>The line in the file at which the row ends; the names of the columns are line 1.</summary>
    public int Line { get; private set; }

    /// <summary>Separator and encoding, in words.</summary>
    public string Understood => $"separated by {Named(separator)}, {encoding}";

    /// <summary>The names of the columns for a message, as far as they are worth reading.</summary>
    public string ColumnsInWords => string.Join(", ", Columns.Take(20).Select(c => c.Length > 40 ? c[..40] + "..." : c)) + (Columns.Count > 20 ? " ..." : "");

    public string this[int column] => parser[column].Trim();

    /// <param name="stream">Read from where it is; kept open until the table is disposed.</param>
    /// <exception cref="TableException">It is empty, or not text; names the remedy.</exception>
    /// <exception cref="ArgumentException">There is no such encoding.</exception>
    public static DelimitedTable Open(Stream stream, string name, TableDialect? told = null)
    {
        var start = new byte[LookAtBytes];
        var length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (length == 0) throw new TableException($"{name} is empty");
        var encoding = EncodingOf(start.AsSpan(0, length), length < start.Length, told?.Encoding);
        var whole = new JoinedStream(start.AsMemory(0, length), stream);
        var head = encoding.GetString(start, 0, length).TrimStart('\uFEFF');
        if (head.Contains('\0')) throw new TableException($"{name} is no table of text; a compressed file ends in .gz, and other encodings are told with --encoding");
        var separator = told?.Separator ?? SeparatorOf(head);
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = separator.ToString(),
            HasHeaderRecord = false,
            IgnoreBlankLines = true,
            MaxFieldSize = CellCharactersMax,
            BadDataFound = bad => throw new TableException($"{name}, line {bad.Context.Parser!.RawRow}: a quotation mark within a cell that is not quoted"),
        };
        return new(new CsvParser(new StreamReader(whole, encoding), configuration), separator, encoding.WebName, name);
    }

    /// <summary>Goes to the next row; false at the end.</summary>
    /// <exception cref="TableException">The row has more or fewer cells than the table has columns, or a quote is never closed.</exception>
    public bool Read()
    {
        if (!Next()) return false;
        if (++rows > RowsMax) throw new TableException($"{Name}: more than {RowsMax} rows");
        // Some programs end every row with a separator.
        var isTooLong = parser.Count > Columns.Count && !Enumerable.Range(Columns.Count, parser.Count - Columns.Count).All(i => string.IsNullOrWhiteSpace(parser[i]));
        if (isTooLong || parser.Count < Columns.Count)
            throw new TableException(string.Create(CultureInfo.InvariantCulture, $"{Name}, line {Line}: {parser.Count} cells in {Columns.Count} columns; it was read as {Understood}: is the separator another (--separator), or a cell with one in it not quoted?"));
        return true;
    }

    public void Dispose() => parser.Dispose();

    private bool Next()
    {
        try
        {
            if (!parser.Read()) return false;
            Line = parser.RawRow;
            return true;
        }
        catch (Exception e) when (e is MaxFieldSizeException or ParserException or BadDataException)
        {
            throw new TableException(string.Create(CultureInfo.InvariantCulture, $"{Name}, line {parser.RawRow}: a cell longer than {CellCharactersMax} characters; is a quotation mark never closed?"), e);
        }
    }

    /// <summary>The one that is most often in the first line, outside of quotes.</summary>
    private static char SeparatorOf(string head)
    {
        var (counts, isQuoted) = (new int[separators.Length], false);
        foreach (var c in head)
        {
            if (c == '"') isQuoted = !isQuoted;
            if (isQuoted) continue;
            if (c is '\n' or '\r') break;
            if (Array.IndexOf(separators, c) is >= 0 and var at) counts[at]++;
        }
        return separators[Array.IndexOf(counts, counts.Max())];
    }

    private static Encoding EncodingOf(ReadOnlySpan<byte> start, bool isWhole, string? told)
    {
        if (told is not null)
        {
            try
            {
                return Encoding.GetEncoding(told);
            }
            catch (ArgumentException)
            {
                throw new ArgumentException($"--encoding {told}: there is no such encoding here; utf-8, utf-16, latin1 and ascii are");
            }
        }
        if (start is [0xFF, 0xFE, ..]) return Encoding.Unicode;
        if (start is [0xFE, 0xFF, ..]) return Encoding.BigEndianUnicode;
        // The last character may be cut off.
        var end = start.Length;
        if (!isWhole) while (end > 0 && start[end - 1] >= 0x80) end--;
        return System.Text.Unicode.Utf8.IsValid(start[..end]) ? Encoding.UTF8 : Encoding.Latin1;
    }

    private static string Named(char separator) => separator == '\t' ? "tabs" : $"\"{separator}\"";
}
