using System.Globalization;

namespace CitySafeSense.Cli.Terminal;

/// <summary>HOST:PORT, as options have it.</summary>
internal static class HostAndPort
{
    /// <exception cref="ArgumentException">It is none; names the option.</exception>
    public static (string Host, int Port) Parse(string option, string text)
    {
        var colon = text.LastIndexOf(':');
        return colon >= 1 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535
            ? (text[..colon], port) : throw new ArgumentException($"{option} {text}: HOST:PORT, a host and a port, are needed, such as mqtt.example.org:8883");
    }
}
