using System.Globalization;

namespace CitySafeSense.Hotspots;

/// <summary>An H3 cell index: mode, resolution, base cell and up to 15 digits of 3 bits in 64 (H3's "H3Index", cell mode). Written as 15 hexadecimal digits.</summary>
public readonly record struct CellId(ulong Value) : IComparable<CellId>
{
    public const int MaxResolution = 15;
    internal const int UnusedDigit = 7;
    private const ulong CellMode = 1UL << 59;
    private const ulong AllDigitsUnused = (1UL << 45) - 1;

    public int Resolution => (int)(Value >> 52) & 15;
    public int BaseCell => (int)(Value >> 45) & 127;

    /// <summary>The digit at resolution 1 to 15; 7 behind the cell's own resolution.</summary>
    public int Digit(int resolution) => (int)(Value >> Shift(resolution)) & 7;

    internal static CellId Create(int resolution, int baseCell) =>
        new(CellMode | ((ulong)resolution << 52) | ((ulong)baseCell << 45) | AllDigitsUnused);

    internal CellId WithDigit(int resolution, int digit) => new((Value & ~(7UL << Shift(resolution))) | ((ulong)digit << Shift(resolution)));

    internal CellId WithBaseCell(int baseCell) => new((Value & ~(127UL << 45)) | ((ulong)baseCell << 45));

    /// <summary>The child with this digit; the resolution is the next finer one.</summary>
    internal CellId Finer(int resolution, int digit) => new CellId((Value & ~(15UL << 52)) | ((ulong)resolution << 52)).WithDigit(resolution, digit);

    /// <summary>The ancestor at a coarser resolution.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The resolution is not between 0 and the cell's own.</exception>
    public CellId Parent(int resolution)
    {
        if (resolution < 0 || resolution > Resolution)
            throw new ArgumentOutOfRangeException(nameof(resolution), resolution, $"the parent of a cell of resolution {Resolution} has resolution 0 to {Resolution}");
        var unused = (1UL << (3 * (MaxResolution - resolution))) - 1;
        return new((Value & ~(15UL << 52)) | ((ulong)resolution << 52) | unused);
    }

    /// <summary>Whether these 64 bits are a cell that exists: cell mode, known base cell, digits 0 to 6 up to the resolution and 7 behind it, no deleted sequence of a pentagon.</summary>
    public bool IsValid
    {
        get
        {
            if (Value >> 56 != 0x08 || BaseCell >= 122) return false;
            var leading = 0;
            for (var r = 1; r <= MaxResolution; r++)
            {
                var digit = Digit(r);
                if ((digit == UnusedDigit) != (r > Resolution)) return false;
                if (leading == 0 && digit != UnusedDigit) leading = digit;
            }
            return !(leading == 1 && H3.IsPentagonBaseCell(BaseCell));
        }
    }

    public static bool TryParse(string? text, out CellId cell)
    {
        var parsed = ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value);
        cell = new CellId(value);
        return parsed && cell.IsValid;
    }

    /// <exception cref="FormatException">It is no cell.</exception>
    public static CellId Parse(string text) => TryParse(text, out var cell) ? cell : throw new FormatException($"\"{text}\" is no H3 cell");

    public override string ToString() => Value.ToString("x", CultureInfo.InvariantCulture);

    public int CompareTo(CellId other) => Value.CompareTo(other.Value);

    private static int Shift(int resolution) => 3 * (MaxResolution - resolution);
}
