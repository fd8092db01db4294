using System.Reflection;
using CitySafeSense.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace CitySafeSense.Silo.Hosting;

/// <summary>
/// Microsoft Orleans. Alone: one silo on this machine, on free loopback ports, so that several may run beside each other. In a
/// cluster: membership and reminders in PostgreSQL, a dead silo is noticed within about two seconds.
/// </summary>
public static class ActorRuntime
{
    private const string Npgsql = "Npgsql";

    public const string Name = "orleans";

    public static bool CanCluster => true;

    public static string Version => typeof(Grain).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+', ' ')[0].TrimEnd('.');

    public static void Add(IHostApplicationBuilder builder, SiloOptions options) => builder.UseOrleans(silo =>
    {
        if (options.Cluster is { } cluster) Join(silo, cluster, options);
        else silo.UseLocalhostClustering(siloPort: LoopbackPort.Free(), gatewayPort: LoopbackPort.Free(), primarySiloEndpoint: null);
        if (options.Postgres is { } postgres)
        {
            silo.UseAdoNetReminderService(o =>
            {
                o.Invariant = Npgsql;
                o.ConnectionString = postgres;
            });
        }
        else
        {
            silo.AddReminders();
            silo.Services.AddSingleton(services => services.GetRequiredService<Stores>().Reminders);
        }
    });

    private static void Join(ISiloBuilder silo, ClusterMembership cluster, SiloOptions options)
    {
        silo.UseAdoNetClustering(o =>
        {
            o.Invariant = Npgsql;
            o.ConnectionString = options.Postgres;
        });
        silo.ConfigureEndpoints(cluster.Advertise, cluster.SiloPort, cluster.GatewayPort, listenOnAnyHostAddress: false);
        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster.Name, "citysafe"));
        // With the defaults a dead silo's grains answer again after 12 s; with these after 1 to 2.
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = TimeSpan.FromSeconds(1);
            o.NumMissedProbesLimit = 2;
            o.NumVotesForDeathDeclaration = 1;
            o.TableRefreshTimeout = TimeSpan.FromSeconds(2);
            o.DefunctSiloExpiration = TimeSpan.FromHours(1);
        });
        // The first call to a dead silo waits for all of it; callers repeat what may be repeated.
        silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = options.ClusterResponseTimeout);
        silo.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = options.ClusterResponseTimeout);
    }
}
