using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;

namespace CitySafeSense.Silo.Hosting;

/// <summary>Microsoft Orleans, one silo on this machine.</summary>
public static class ActorRuntime
{
    public const string Name = "orleans";

    public static string Version => typeof(Grain).Assembly.GetName().Version!.ToString(3);

    public static void Add(IHostApplicationBuilder builder) => builder.UseOrleans(silo => silo.UseLocalhostClustering());
}
