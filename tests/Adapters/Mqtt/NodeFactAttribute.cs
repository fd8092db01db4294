namespace CitySafeSense.Tests.Mqtt;

/// <summary>A fact about Mosquitto and the client of npm; skipped, and said so, where `npm ci` has not been run in tests/Node.</summary>
/// <remarks>On a build machine too: npm is not among what the gate installs, and Paho is on the other side there in any case.</remarks>
public sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        if (!File.Exists("/usr/sbin/mosquitto")) Skip = "mosquitto is not installed";
        else if (!Directory.Exists(Path.Combine(Path.GetDirectoryName(Script)!, "node_modules", "mqtt"))) Skip = "run npm ci in tests/Node";
    }

    public static string Script
    {
        get
        {
            for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
                if (Path.Combine(at.FullName, "tests", "Node", "echo.js") is var path && File.Exists(path)) return path;
            throw new FileNotFoundException("tests/Node/echo.js");
        }
    }
}
