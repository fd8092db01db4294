using System.Globalization;
using CitySafeSense.Sdk;
using CitySafeSense.Wire;

namespace CitySafeSense.Cli.Verbs;

/// <summary>Devices of a fleet, NAME-0000 and so on, registered with a silo.</summary>
internal sealed record FleetRegistration(IReadOnlyList<(string Device, string Password)> Devices, BrokerAnswer? Broker)
{
    public static async Task<FleetRegistration> Register(CitySafeClient client, string name, int devices, CancellationToken cancellation)
    {
        var answer = await client.RegisterDevices(
            new RegisterDevices([.. Enumerable.Range(0, devices).Select(i => new DeviceToRegister(string.Create(CultureInfo.InvariantCulture, $"{name}-{i:D4}")))]), cancellation);
        return new([.. answer.Credentials.Select(c => (c.Device, c.Password))], answer.Broker);
    }
}
