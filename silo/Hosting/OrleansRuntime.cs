using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace CitySafeSense.Silo.Hosting;

/// <summary>Microsoft Orleans: one silo on this machine, on free loopback ports, so that several may run beside each other.</summary>
public static class ActorRuntime
{
    public const string Name = "orleans";

    public static string Version => typeof(Grain).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+', ' ')[0].TrimEnd('.');

    public static void Add(IHostApplicationBuilder builder) =>
        builder.UseOrleans(silo => silo.UseLocalhostClustering(siloPort: FreePort(), gatewayPort: FreePort(), primarySiloEndpoint: null));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
