namespace CitySafeSense.Tests.Mqtt;

/// <summary>A fact about a real Mosquitto; skipped, and said so, where none is installed. On a build machine it must be.</summary>
public sealed class BrokerFactAttribute : FactAttribute
{
    public BrokerFactAttribute()
    {
        if (!File.Exists("/usr/sbin/mosquitto") && Environment.GetEnvironmentVariable("CI") is null) Skip = "mosquitto is not installed";
    }
}
