using System.Text;

namespace CitySafeSense.Mqtt;

/// <summary>Topic names and filters (specification 4.7).</summary>
public static class MqttTopic
{
    public const int MaxBytes = 65_535;

    /// <exception cref="ArgumentException">Not a name that something can be published to.</exception>
    public static void RequireName(string topic)
    {
        if (topic.Length == 0 || topic.AsSpan().IndexOfAny('+', '#', '\0') >= 0 || Encoding.UTF8.GetByteCount(topic) > MaxBytes)
            throw new ArgumentException($"\"{topic}\" is no topic to publish to: 1 to {MaxBytes} bytes without + # and NUL are");
    }

    /// <exception cref="ArgumentException">Not a filter.</exception>
    public static void RequireFilter(string filter)
    {
        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
            if ((levels[i].Contains('#') && (levels[i] != "#" || i != levels.Length - 1)) || (levels[i].Contains('+') && levels[i] != "+"))
                throw new ArgumentException($"\"{filter}\" is no topic filter: + and # stand for whole levels, # for the last");
        if (filter.Length == 0 || filter.Contains('\0') || Encoding.UTF8.GetByteCount(filter) > MaxBytes)
            throw new ArgumentException($"\"{filter}\" is no topic filter: 1 to {MaxBytes} bytes without NUL are");
    }
}
