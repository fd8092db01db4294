using CitySafeSense.Contracts;
using CitySafeSense.EmbeddedOrleans;
using CitySafeSense.Grains;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Silo.Hosting;

/// <summary>The in-process actor host.</summary>
public static class ActorRuntime
{
    public const string Name = "embedded";

    public static bool CanCluster => false;

    public static string Version => typeof(ActorHost).Assembly.GetName().Version!.ToString(3);

    public static void Add(IHostApplicationBuilder builder, SiloOptions options)
    {
        builder.Services.AddSingleton(services => services.GetRequiredService<Stores>().Reminders);
        builder.Services.AddSingleton(services => new ActorHost(
            services,
            new ActorHostOptions { GrainAssemblies = [typeof(DeviceGrain).Assembly], ContractAssemblies = [typeof(IDeviceGrain).Assembly], ShedOnMemoryPressure = true },
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<ActorHost>>()));
        builder.Services.AddSingleton<IGrainFactory>(services => services.GetRequiredService<ActorHost>());
        builder.Services.AddHostedService<Lifetime>();
    }

    /// <summary>Reminders tick from the start; at the end the host drains while the rest of the silo is still there.</summary>
    private sealed class Lifetime(ActorHost host) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => host.StartAsync();

        public async Task StopAsync(CancellationToken cancellationToken) => await host.DisposeAsync();
    }
}
