using System.Globalization;
using CitySafeSense.Hotspots;
using CitySafeSense.Tables;

namespace CitySafeSense.Geo;

/// <summary>Degrees of two columns; the mark of their decimals is found once, and must stay the same.</summary>
internal sealed class DegreeColumns(string name, char? told)
{
    private char? mark = told;

    public char Mark => mark ?? '.';

    /// <exception cref="TableException">One is no number of degrees; names the line.</exception>
    public LatLng Read(string latitude, string longitude, int line) => new(Degrees(latitude, 90, line), Degrees(longitude, 180, line));

    private double Degrees(string text, double bound, int line)
    {
        foreach (var found in (ReadOnlySpan<char>)['.', ','])
            if (text.Contains(found) && (mark ??= found) != found)
                throw new TableException($"{name}, line {line}: \"{text}\" has its decimals behind \"{found}\" where \"{mark}\" is used otherwise; --decimal says which it is");
        return double.TryParse(text.Replace(',', '.'), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value) && Math.Abs(value) <= bound ? value
            : throw new TableException($"{name}, line {line}: \"{text}\" is no number of degrees up to {bound}");
    }
}
