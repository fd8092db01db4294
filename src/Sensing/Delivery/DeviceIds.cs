namespace CitySafeSense.Sensing;

/// <summary>How a device may be called: 1 to 64 ASCII letters, digits, '-', '_' and '.'.</summary>
public static class DeviceIds
{
    public const int MaxBytes = 64;
    public const string Rule = "1 to 64 letters, digits, '-', '_', '.'";

    public static bool IsValid(ReadOnlySpan<char> id)
    {
        if (id.Length is 0 or > MaxBytes) return false;
        foreach (var c in id)
            if (!IsAllowed(c)) return false;
        return true;
    }

    public static bool IsValid(ReadOnlySpan<byte> id)
    {
        if (id.Length is 0 or > MaxBytes) return false;
        foreach (var b in id)
            if (!IsAllowed((char)b)) return false;
        return true;
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
}
