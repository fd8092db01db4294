namespace CitySafeSense.Sensing;

/// <summary>What a device says on a topic, or is told there.</summary>
public enum DeviceTopic
{
    Windows,
    Events,
    Status,
    Updates,
    Acks,
    Config,
    Rounds,
}

/// <summary>Topics of devices: citysafesense/v1/devices/{device}/{kind}.</summary>
public static class DeviceTopics
{
    public const string Root = "citysafesense/v1/devices/";

    /// <summary>What a device publishes; the rest it subscribes to.</summary>
    public static IReadOnlyList<DeviceTopic> Up { get; } = [DeviceTopic.Windows, DeviceTopic.Events, DeviceTopic.Status, DeviceTopic.Updates];

    public static IReadOnlyList<DeviceTopic> Down { get; } = [DeviceTopic.Acks, DeviceTopic.Config, DeviceTopic.Rounds];

    private static readonly string[] names = [.. Enum.GetNames<DeviceTopic>().Select(n => n.ToLowerInvariant())];

    /// <param name="device">Or + for all of them.</param>
    public static string Of(string device, DeviceTopic kind) => $"{Root}{device}/{names[(int)kind]}";

    /// <summary>Nothing where the topic is not one of a device.</summary>
    public static (string Device, DeviceTopic Kind)? Parse(string topic)
    {
        if (!topic.StartsWith(Root, StringComparison.Ordinal)) return null;
        var slash = topic.IndexOf('/', Root.Length);
        if (slash < 0 || Array.IndexOf(names, topic[(slash + 1)..]) is not (>= 0 and var kind)) return null;
        var device = topic[Root.Length..slash];
        return DeviceIds.IsValid(device) ? (device, (DeviceTopic)kind) : null;
    }
}
