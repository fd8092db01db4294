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

    public static string Version => typeof(ActorHost).Assembly.GetName().Version!.ToString(3);

    public static void Add(IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => new ActorHost(
            services,
            new ActorHostOptions { GrainAssemblies = [typeof(DeviceGrain).Assembly], ContractAssemblies = [typeof(IDeviceGrain).Assembly] },
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<ActorHost>>()));
        builder.Services.AddSingleton<IGrainFactory>(services => services.GetRequiredService<ActorHost>());
    }
}
