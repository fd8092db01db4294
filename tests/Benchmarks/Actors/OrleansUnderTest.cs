using System.Reflection;
using CitySafeSense.Storage;
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
    private readonly IHost host;

    private RuntimeUnderTest(IHost host) => this.host = host;

    public IGrainFactory Grains => host.Services.GetRequiredService<IGrainFactory>();

    public static string Version => typeof(Grain).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+', ' ')[0].TrimEnd('.');

    public static Task<RuntimeUnderTest> Start(bool byteCodec = false) => Start(silo => silo.Services.AddGrainStorage("bench", (_, _) => new InstantStorage()));

    /// <summary>Its own ADO.NET storage, with the state as System.Text.Json writes it: what ours writes too.</summary>
    public static Task<RuntimeUnderTest> OnPostgres(string connectionString) => Start(silo => silo.AddAdoNetGrainStorage("bench", options => options.Configure<IServiceProvider>((o, services) =>
    {
        o.Invariant = "Npgsql";
        o.ConnectionString = connectionString;
        o.GrainStorageSerializer = ActivatorUtilities.CreateInstance<SystemTextJsonGrainStorageSerializer>(services);
    })));

    public static Task<RuntimeUnderTest> OnSqlite(string path) => throw new NotSupportedException("Orleans brings no storage on SQLite");

    private static async Task<RuntimeUnderTest> Start(Action<ISiloBuilder> storage)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(LoopbackPort.Free(), LoopbackPort.Free(), null);
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
}
