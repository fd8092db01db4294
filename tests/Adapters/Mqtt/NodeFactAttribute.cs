namespace CitySafeSense.Tests.Mqtt;

/// <summary>A fact about Mosquitto and the client of npm; skipped, and said so, where `npm ci` has not been run in tests/Node. Paho is on the other side in any case.</summary>
public sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        if (!File.Exists("/usr/sbin/mosquitto")) Skip = "mosquitto is not installed";
        else if (Script is null) Skip = "run npm ci in tests/Node";
    }

    /// <summary>Nothing where it cannot run.</summary>
    public static string? Script { get; } = NodeScript.Find("echo.js", "mqtt");
}
