using System.Net;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.Silo;
using CitySafeSense.Silo.Broker;
using CitySafeSense.Silo.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`serve`: a silo until it is interrupted.</summary>
internal static class Serve
{
    /// <summary>Where the connection string is: never on a command line, which everybody on the machine can read.</summary>
    public const string PostgresVariable = "CITYSAFE_POSTGRES";

    private const string BrokerUserVariable = "CITYSAFE_BROKER_USER", BrokerPasswordVariable = "CITYSAFE_BROKER_PASSWORD";

    public static Command Command()
    {
        var defaults = new SiloOptions();
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder of databases and keys.", DefaultValueFactory = _ => new DirectoryInfo(defaults.DataFolder) };
        var listen = new Option<string>("--listen") { Description = "Address and port. Beyond loopback only with --certificate.", DefaultValueFactory = _ => defaults.Listen.ToString() };
        var certificate = new Option<FileInfo>("--certificate") { Description = "PEM file with certificate and key: TLS." };
        var privacy = Choice.Option("--privacy", "production: noisy values of r8 cells and hours; simulation: virtual devices only, every answer says so.", PrivacyMode.Production);
        var bin = new Option<int>("--bin-seconds") { Description = "Length of a cell's bin; divides an hour.", DefaultValueFactory = _ => defaults.City.BinSeconds };
        var k = new Option<int>("--k") { Description = "Nothing is shown of fewer contributors.", DefaultValueFactory = _ => defaults.City.Contributors };
        var workers = new Option<int>("--workers") { Description = "Threads that train; 0 = one for each core." };
        var store = Choice.Option<StoreKind>("--store", $"sqlite: files in the data folder; postgres: the database whose connection string is in {PostgresVariable}.");
        var keys = new Option<DirectoryInfo>("--keys") { Description = "Folder of tokens and the pseudonym key, which silos of one cluster share; in the data folder where left out." };
        var release = Choice.Option<ReleasePace>("--release", "automatic: versions of the model go out when they have shown what they must; by-hand: when `models promote` says so.");
        var canary = new Option<double>("--canary-share") { Description = "Share of the devices that answers with a version on trial.", DefaultValueFactory = _ => defaults.Release.CanaryShare };
        var heldOut = new Option<FileInfo>("--held-out") { Description = "Labelled windows by which versions are judged (CSV as data synth writes it); in simulation virtual people's where left out." };
        var slots = new Option<int>("--release-slots") { Description = "Hours of a week in which each device is counted in what is released; `citysafe privacy plan` says what they cost.", DefaultValueFactory = _ => defaults.City.ReleaseSlots };
        var operatorCounts = new Option<bool>("--operator-counts") { Description = "Operators may see exact counts of cells in production too. They are not private; each look is in the audit." };
        var roundsEvery = new Option<double?>("--rounds-every") { Description = "Seconds from one federated round to the next, 5 or more; 0: operators start them. [default: 60 in simulation, 0 in production]" };
        var roundClients = new Option<int>("--round-clients") { Description = "Devices in such a round, at most.", DefaultValueFactory = _ => defaults.Rounds.ClientsMax };
        var roundStrategy = new Option<string>("--round-strategy") { Description = "Its strategy.", DefaultValueFactory = _ => defaults.Rounds.Strategy };
        var retention = new Option<int>("--retention-days") { Description = "Days of silence after which what is kept of a device is forgotten; its registration stays until it is revoked.", DefaultValueFactory = _ => defaults.RetentionDays };
        var mqttListen = new Option<string>("--mqtt-listen") { Description = "Where the silo's own broker listens (TLS), or off. Left out: 127.0.0.1:8883, or a free port where that is taken; no broker in a cluster, which shares one (--broker)." };
        var mqttNames = new Option<string[]>("--mqtt-name") { Description = "Name by which devices reach the silo's own broker, for its certificate.", AllowMultipleArgumentsPerToken = true };
        var broker = new Option<string>("--broker") { Description = $"HOST:PORT of a Mosquitto that runs elsewhere; the administrator of its dynamic security is in {BrokerUserVariable} and {BrokerPasswordVariable}." };
        var brokerCa = new Option<FileInfo>("--broker-ca") { Description = "PEM of the CA that signed that broker's certificate." };
        var membership = new ClusterMembership();
        var cluster = new Option<string>("--cluster") { Description = "Join the cluster of this name (--runtime orleans, --store postgres)." };
        var advertise = new Option<string>("--advertise") { Description = "Address by which other silos reach this one.", DefaultValueFactory = _ => membership.Advertise.ToString() };
        var siloPort = new Option<int>("--silo-port") { Description = "Port for other silos.", DefaultValueFactory = _ => membership.SiloPort };
        var gatewayPort = new Option<int>("--gateway-port") { Description = "Port for clients of the cluster; 0 = none.", DefaultValueFactory = _ => membership.GatewayPort };
        var quiet = new Option<bool>("--quiet") { Description = "Say nothing at start; warnings and faults are logged all the same." };
        var plant = Choice.Option<PlantedFault>("--plant", "A fault that a verification must find.");
        plant.Hidden = true;
        var seed = Output.SeedOption();
        var command = new Command("serve", """
            Run a silo: grains, storage and the HTTP API. Stop it with Ctrl-C.

            Example: citysafe serve --privacy simulation
            Then:    curl http://127.0.0.1:8080/api/v1/hotspots
            Devices: citysafe devices --help

            Two silos of one cluster on one machine, after citysafe storage init:
              citysafe serve --runtime orleans --store postgres --cluster city --keys keys --data a --listen 127.0.0.1:8081
              citysafe serve --runtime orleans --store postgres --cluster city --keys keys --data b --listen 127.0.0.1:8082 --silo-port 11112 --gateway-port 30001
            """) { data, listen, certificate, privacy, bin, k, workers, store, keys, release, canary, heldOut, slots, operatorCounts, roundsEvery, roundClients, roundStrategy, retention, mqttListen, mqttNames, broker, brokerCa, cluster, advertise, siloPort, gatewayPort, quiet, plant, seed };
        command.SetAction(async (parse, cancellation) =>
        {
            if (!IPEndPoint.TryParse(parse.GetValue(listen)!, out var endpoint)) throw new ArgumentException($"--listen {parse.GetValue(listen)}: an address and a port are needed, such as 127.0.0.1:8080");
            if (parse.GetValue(roundsEvery) is not (null or (>= 0 and <= 604_800))) throw new ArgumentException("--rounds-every must be 5 to 604800 seconds (a week), or 0");
            if (!IPAddress.TryParse(parse.GetValue(advertise)!, out var reached)) throw new ArgumentException($"--advertise {parse.GetValue(advertise)}: an address is needed, such as 10.0.0.1");
            await using var app = SiloHost.Build(new SiloOptions
            {
                KeysFolder = parse.GetValue(keys)?.FullName,
                Postgres = parse.GetValue(store) == StoreKind.Postgres ? PostgresFromEnvironment() : null,
                Cluster = parse.GetValue(cluster) is { } name
                    ? new ClusterMembership { Name = name, Advertise = reached, SiloPort = parse.GetValue(siloPort), GatewayPort = parse.GetValue(gatewayPort) }
                    : null,
                DataFolder = parse.GetValue(data)!.FullName,
                Listen = endpoint,
                CertificateFile = parse.GetValue(certificate)?.FullName,
                Workers = parse.GetValue(workers),
                Seed = parse.GetValue(seed),
                Plant = parse.GetValue(plant),
                Release = defaults.Release with { Pace = parse.GetValue(release), CanaryShare = parse.GetValue(canary) },
                Broker = BrokerOf(parse.GetValue(mqttListen), parse.GetValue(mqttNames) ?? [], parse.GetValue(broker), parse.GetValue(brokerCa)?.FullName, isAlone: parse.GetValue(cluster) is null),
                OperatorCounts = parse.GetValue(operatorCounts),
                Rounds = new RoundScheduleOptions
                {
                    Every = TimeSpan.FromSeconds(parse.GetValue(roundsEvery) ?? (parse.GetValue(privacy) == PrivacyMode.Simulation ? 60 : 0)),
                    ClientsMax = parse.GetValue(roundClients),
                    Strategy = parse.GetValue(roundStrategy)!,
                },
                RetentionDays = parse.GetValue(retention),
                HeldOutFile = parse.GetValue(heldOut)?.FullName,
                City = new CityOptions { Privacy = parse.GetValue(privacy), BinSeconds = parse.GetValue(bin), Contributors = parse.GetValue(k), ReleaseSlots = parse.GetValue(slots) },
            });
            await StartAsync(app, endpoint, cancellation);
            await SiloHost.Resume(app.Services);
            if (!parse.GetValue(quiet)) Announce(app.Services);
            await app.WaitForShutdownAsync(cancellation);
            return Run.Done;
        });
        return command;
    }

    /// <summary>What a user needs next, on stderr: where it is, which file opens it, what it does by itself.</summary>
    private static void Announce(IServiceProvider services)
    {
        var options = services.GetRequiredService<SiloOptions>();
        var address = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var token = Path.Combine(options.KeysFolder ?? Path.Combine(options.DataFolder, "keys"), Keys.OperatorTokenFile);
        Output.Note($"silo ({ActorRuntime.Name} {ActorRuntime.Version}, {options.City.Privacy.ToString().ToLowerInvariant()}) at {address}, data in {options.DataFolder}");
        if (services.GetRequiredService<BrokerHost>() is { Address: { } mqtt }) Output.Note($"MQTT at mqtts://{mqtt.Host}:{mqtt.Port}{(mqtt.AuthorityFile is { } ca ? $", its CA is {ca}" : "")}");
        Output.Note(options.Rounds.Every == TimeSpan.Zero ? "federated rounds: when an operator starts one (citysafe rounds start)"
            : $"federated rounds: every {options.Rounds.Every.TotalSeconds:0.#} s, with up to {options.Rounds.ClientsMax} devices, once 10 would take part (--rounds-every 0 leaves them to operators)");
        Output.Note($"operator's token: {token}; for other verbs: export {SiloTarget.TargetVariable}={address} {SiloTarget.TokenVariable}={token}");
        Output.Note($"try: curl {address}{Wire.Routes.Hotspots}");
        if (options.City.Privacy == PrivacyMode.Simulation) Output.Note($"nobody lives in it yet: citysafe simulate city --target {address} --token {token}");
    }

    /// <exception cref="CommandFailedException">The address is in use, or is none of this machine's.</exception>
    private static async Task StartAsync(WebApplication app, IPEndPoint endpoint, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new CommandFailedException($"--listen {endpoint}: another program listens there; stop it, or choose another address, such as {endpoint.Address}:0 for a free port");
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new CommandFailedException($"--listen {endpoint}: {e.Message}; choose an address of this machine, such as 127.0.0.1:8080");
        }
    }

    /// <exception cref="ArgumentException">An address is none.</exception>
    private static BrokerOptions BrokerOf(string? listen, string[] names, string? external, string? authority, bool isAlone)
    {
        if (external is not null)
        {
            if (listen is not null) throw new ArgumentException("either --broker or --mqtt-listen");
            var (host, port) = HostAndPort.Parse("--broker", external);
            return new() { Kind = BrokerKind.External, Host = host, Port = port, AuthorityFile = authority, AdminUser = Environment.GetEnvironmentVariable(BrokerUserVariable), AdminPassword = Environment.GetEnvironmentVariable(BrokerPasswordVariable) };
        }
        if (listen == "off" || (listen is null && !isAlone)) return new();
        if (listen is null) return new() { Kind = BrokerKind.Own, Names = names, IsOptional = true };
        return IPEndPoint.TryParse(listen, out var endpoint) ? new() { Kind = BrokerKind.Own, Names = names, Listen = endpoint } : throw new ArgumentException($"--mqtt-listen {listen}: an address and a port are needed, such as 127.0.0.1:8883, or off");
    }

    /// <exception cref="ArgumentException">There is none.</exception>
    public static string PostgresFromEnvironment() => Environment.GetEnvironmentVariable(PostgresVariable) is { Length: > 0 } connection
        ? connection
        : throw new ArgumentException($"set {PostgresVariable} to a connection string, such as \"Host=127.0.0.1;Username=citysafe;Password=...;Database=citysafe\"");
}

/// <summary>Where a silo keeps what it knows.</summary>
internal enum StoreKind
{
    Sqlite,
    Postgres,
}
