using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace CitySafeSense.Benchmarks.Actors;

/// <summary>Microsoft Orleans: one silo, called by its co-hosted client.</summary>
internal sealed class RuntimeUnderTest : IAsyncDisposable
{
    public const string Name = "orleans";
    public const bool HasByteCodec = false, HasSqlite = false;
    private readonly IHost host;

    private RuntimeUnderTest(IHost host) => this.host = host;

    public IGrainFactory Grains => host.Services.GetRequiredService<IGrainFactory>();

    public static string Version => typeof(Grain).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+', ' ')[0].TrimEnd('.');

    public static Task<RuntimeUnderTest> Start(bool byteCodec = false) => Start(silo => silo.Services.AddGrainStorage("bench", (_, _) => new InstantStorage()));

    public static Task<RuntimeUnderTest> OnSqlite(string path) => throw new NotSupportedException();

    private static async Task<RuntimeUnderTest> Start(Action<ISiloBuilder> storage)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort(), null);
            storage(silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new RuntimeUnderTest(host);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
