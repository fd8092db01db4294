using System.Diagnostics;
using System.Globalization;
using System.Net;
using CitySafeSense.Contracts;
using CitySafeSense.Load;
using CitySafeSense.Mqtt;
using CitySafeSense.Mqtt.Mosquitto;
using CitySafeSense.Sdk;
using CitySafeSense.Storage;
using CitySafeSense.Tests.Mqtt;
using CitySafeSense.Wire;

namespace CitySafeSense.EndToEnd;

/// <summary>Two silos of one cluster on one PostgreSQL; one of them is killed under load.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private const string Cluster = "two-silos", BrokerAdmin = "admin", BrokerPassword = "a password for tests";
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;
    private readonly List<Process> silos = [];
    private TemporaryPostgres postgres = null!;

    public async Task InitializeAsync() => postgres = await TemporaryPostgres.Start(CancellationToken.None);

    public async Task DisposeAsync()
    {
        foreach (var silo in silos)
        {
            if (!silo.HasExited) silo.Kill();
            await silo.WaitForExitAsync();
            silo.Dispose();
        }
        await postgres.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Survivor_takes_over_and_nothing_acknowledged_is_lost_or_counted_twice()
    {
        var (doomed, survivor) = (await StartSilo("a"), await StartSilo("b"));
        var token = (await File.ReadAllTextAsync(Path.Combine(folder, "keys", "operator.token"))).Trim();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        var ledger = new Ledger();
        var load = new LoadGenerator(new LoadOptions { Target = survivor.Address, OperatorToken = token, Devices = 300, Seed = 5, Minutes = 24 * 60, WindowsPerRequest = 32, RepeatShare = 0.05 }, http, ledger);
        var running = load.Run(null, CancellationToken.None);
        await Acknowledged(ledger, 2000, running);
        var before = ledger.Total;
        doomed.Process.Kill();
        await Acknowledged(ledger, before + 2000, running);
        load.StopAfterThisStep();
        await running;

        using var client = new HttpClient { BaseAddress = survivor.Address, Timeout = TimeSpan.FromSeconds(30) };
        var city = new CitySafeClient(client, token);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await city.Settle(patience.Token);
        foreach (var (cell, acknowledged) in ledger.Acknowledged)
            Assert.Equal((cell, acknowledged), (cell, (await city.Counts(cell)).Counted));
        Assert.Equal("ok", (await city.Health()).Status);
        var busiest = ledger.Acknowledged.MaxBy(c => c.Value);
        Assert.Contains($"cell {busiest.Key}: {busiest.Value} windows counted", await Sample(busiest.Key));
    }

    /// <summary>Two silos share the sessions of one broker; the survivor reads those of the one that is gone, and what waited in them.</summary>
    [BrokerFact]
    public async Task Survivor_reads_the_sessions_of_a_silo_that_was_killed()
    {
        await using var mosquitto = await MosquittoBroker.Start(
            new MosquittoOptions { Folder = Path.Combine(folder, "broker"), Listen = new(IPAddress.Loopback, 0), AdminUser = BrokerAdmin, AdminPassword = BrokerPassword }, TimeProvider.System);
        string[] broker = ["--broker", $"{mosquitto.Host}:{Text(mosquitto.Port)}", "--broker-ca", mosquitto.AuthorityFile];
        var (doomed, survivor) = (await StartSilo("a", broker), await StartSilo("b", broker));
        using var http = new HttpClient { BaseAddress = survivor.Address, Timeout = TimeSpan.FromSeconds(30) };
        var city = new CitySafeClient(http, (await File.ReadAllTextAsync(Path.Combine(folder, "keys", "operator.token"))).Trim());
        var registered = await city.RegisterDevices(new RegisterDevices([.. Enumerable.Range(0, 40).Select(i => new DeviceToRegister($"fleet-{Text(i)}"))]));
        var ledger = new Ledger();
        var fleet = new DeviceFleet(
            new FleetOptions
            {
                Broker = new MqttOptions { Host = mosquitto.Host, Port = mosquitto.Port, Tls = MqttTls.FromFiles(mosquitto.AuthorityFile) },
                Devices = [.. registered.Credentials.Select(c => (c.Device, c.Password))],
                MessagesPerSecond = 100,
                EventShare = 0.2,
                Duration = TimeSpan.FromHours(1),
                ResendAfter = TimeSpan.FromSeconds(10),
            },
            ledger, TimeProvider.System);
        var running = fleet.Run(null, CancellationToken.None);
        await Leases(city, n => n is > 0 and < Limits.IngressSessions);
        await Acknowledged(ledger, 300, running);
        doomed.Process.Kill();
        await Leases(city, n => n == Limits.IngressSessions);
        await Acknowledged(ledger, ledger.Total + 500, running);
        fleet.StopSending();
        Assert.Equal(0, (await running).Unsettled);

        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await city.Settle(patience.Token);
        foreach (var (cell, acknowledged) in ledger.Acknowledged)
            Assert.Equal((cell, acknowledged), (cell, (await city.Counts(cell)).Counted));
    }

    private static async Task Acknowledged(Ledger ledger, long windows, Task running)
    {
        var began = Stopwatch.GetTimestamp();
        while (ledger.Total < windows)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(120), $"{ledger.Total} windows are acknowledged, {windows} are waited for");
            if (running.IsCompleted) await running; // it says why it does not go on
            await Task.Delay(100);
        }
    }

    private static async Task Leases(CitySafeClient city, Predicate<int> reached)
    {
        var began = Stopwatch.GetTimestamp();
        int leases;
        while (!reached(leases = (await city.Ingest()).Leases))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(90), $"{leases} leases");
            await Task.Delay(200);
        }
    }

    private async Task<(Process Process, Uri Address)> StartSilo(string name, params string[] more)
    {
        var (http, silo, gateway) = (LoopbackPort.Free(), LoopbackPort.Free(), LoopbackPort.Free());
        string[] arguments =
        [
            "serve", "--privacy", "simulation", "--store", "postgres", "--cluster", Cluster, "--keys", Path.Combine(folder, "keys"), "--data", Path.Combine(folder, name),
            "--listen", $"127.0.0.1:{Text(http)}", "--silo-port", Text(silo), "--gateway-port", Text(gateway), .. more,
        ];
        var start = new ProcessStartInfo(Citysafe.Program(), arguments) { RedirectStandardError = true };
        start.Environment["CITYSAFE_POSTGRES"] = postgres.ConnectionString;
        (start.Environment["CITYSAFE_BROKER_USER"], start.Environment["CITYSAFE_BROKER_PASSWORD"]) = (BrokerAdmin, BrokerPassword);
        var process = Process.Start(start)!;
        silos.Add(process);
        var said = new System.Text.StringBuilder();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            said.AppendLine(line);
            if (!line.StartsWith("try:", StringComparison.Ordinal)) continue;
            _ = process.StandardError.ReadToEndAsync();
            return (process, new Uri($"http://127.0.0.1:{Text(http)}"));
        }
        throw new InvalidOperationException($"silo {name} did not start: {said}");
    }

    /// <summary>The client outside of the cluster, as a program of its own.</summary>
    private async Task<string> Sample(string cell)
    {
        var start = new ProcessStartInfo("dotnet", [Citysafe.Program().Replace("/Cli/release/citysafe", "/OrleansSample/release/CitySafeSense.OrleansSample.dll"), Cluster, cell]) { RedirectStandardOutput = true };
        start.Environment["CITYSAFE_POSTGRES"] = postgres.ConnectionString;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
