using System.Globalization;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>How keys that are not text are written, as Orleans writes them: integers in upper-case hexadecimal, GUIDs as 32 digits.</summary>
internal static class GrainKeys
{
    public static string Of(long key) => key.ToString("X", CultureInfo.InvariantCulture);

    public static string Of(Guid key) => key.ToString("N", CultureInfo.InvariantCulture);

    public static long ToInt64(string key) => long.Parse(key, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
