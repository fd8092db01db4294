using System.Globalization;
using System.Text.RegularExpressions;

namespace CitySafeSense.Sensing.Recordings;

/// <summary>
/// What a numpy array says about itself: a Python dictionary of descr, fortran_order and shape (numpy.lib.format). Any order of keys, either quotation mark
/// and Python 2's long integers are read, as numpy reads them.
/// </summary>
/// <param name="Kind">b, i, u, f, U (text in UTF-32) or S (text in bytes).</param>
/// <param name="ItemBytes">Of one number or text.</param>
/// <param name="IsBigEndian">Of numbers and of UTF-32.</param>
/// <param name="IsFortran">Whether the first index changes fastest.</param>
internal sealed partial record NpyHeader(char Kind, int ItemBytes, bool IsBigEndian, bool IsFortran, int[] Shape)
{
    private const int ItemBytesMax = 4096, DimensionsMax = 8;

    /// <summary>Items in all.</summary>
    public long Count { get; } = CountOf(Shape);

    /// <exception cref="RecordingException">It names no plain type, order or shape; says what to save instead.</exception>
    public static NpyHeader Parse(string name, string text)
    {
        var type = TypePattern().Match(text);
        if (!type.Success)
            throw new RecordingException($"{name}: {(text.Contains("|O", StringComparison.Ordinal) ? "Python objects are not read; save names as text, with dtype=str" : $"its header names no plain type: {Shortened(text)}; save each column as an array of its own")}");
        var (kind, digits) = (type.Groups[2].Value[0], type.Groups[3].Value);
        var size = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? kind == 'U' ? 4L * bytes : bytes : 0;
        if (size is < 1 or > ItemBytesMax || !IsKnown(kind, (int)size)) throw new RecordingException($"{name}: type {kind}{digits} is not read; b1, i1 to i8, u1 to u8, f2, f4, f8 and text are");
        var order = OrderPattern().Match(text);
        if (!order.Success) throw new RecordingException($"{name}: its header does not say its order: {Shortened(text)}");
        return new(kind, (int)size, type.Groups[1].Value == ">", order.Groups[1].Value == "True", ShapeOf(name, text));
    }

    private static int[] ShapeOf(string name, string text)
    {
        var shape = ShapePattern().Match(text);
        if (!shape.Success) throw new RecordingException($"{name}: its header has no shape: {Shortened(text)}");
        string[] sizes = shape.Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (sizes.Length > DimensionsMax) throw new RecordingException($"{name}: {sizes.Length} dimensions; at most {DimensionsMax} are read");
        return [.. sizes.Select(n => int.TryParse(n.TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : throw new RecordingException($"{name}: \"{n}\" is not a length"))];
    }

    private static bool IsKnown(char kind, int size) => kind switch
    {
        'b' => size == 1,
        'i' or 'u' => size is 1 or 2 or 4 or 8,
        'f' => size is 2 or 4 or 8,
        _ => true,
    };

    /// <summary>More than there can be where the product is beyond all bounds.</summary>
    private static long CountOf(int[] shape)
    {
        var count = 1L;
        foreach (var n in shape) count = n == 0 ? 0 : count > int.MaxValue ? count : count * n;
        return shape.Contains(0) ? 0 : count;
    }

    private static string Shortened(string text) => text.Trim() is { Length: > 120 } much ? much[..120] + " ..." : text.Trim();

    [GeneratedRegex("""['"]descr['"]\s*:\s*['"]([<>|=])([iufbUS])(\d+)['"]""")]
    private static partial Regex TypePattern();

    [GeneratedRegex("""['"]fortran_order['"]\s*:\s*(True|False)""")]
    private static partial Regex OrderPattern();

    [GeneratedRegex("""['"]shape['"]\s*:\s*\(([^)]*)\)""")]
    private static partial Regex ShapePattern();
}
