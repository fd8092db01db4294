namespace CitySafeSense.Tables;

/// <summary>How a table is written, as far as somebody says it; what is left out is found in the table.</summary>
/// <param name="Separator">Between cells.</param>
/// <param name="Decimal">Mark of decimals, point or comma.</param>
/// <param name="Encoding">Name of the character encoding: utf-8, utf-16, latin1 ...</param>
/// <param name="DateFormat">Of days, in .NET's letters: dd/MM/yyyy, yyyy-MM-dd ...</param>
public sealed record TableDialect(char? Separator = null, char? Decimal = null, string? Encoding = null, string? DateFormat = null)
{
    /// <summary>Separator and decimal mark from a command line, where a tab is the word "tab".</summary>
    /// <exception cref="ArgumentException">One is no such mark.</exception>
    public static TableDialect Parse(string? separator, string? decimalMark, string? encoding, string? dateFormat) => new(
        separator switch { null => null, "tab" or "\\t" => '\t', [var c] => c, _ => throw new ArgumentException($"--separator {separator}: one character is needed, or tab") },
        decimalMark switch { null => null, "." or "," => decimalMark[0], _ => throw new ArgumentException($"--decimal {decimalMark}: . or , is needed") },
        encoding, dateFormat);
}
