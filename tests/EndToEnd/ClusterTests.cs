using System.Diagnostics;
using System.Globalization;
using CitySafeSense.Load;
using CitySafeSense.Sdk;
using CitySafeSense.Storage;

namespace CitySafeSense.EndToEnd;

/// <summary>Two silos of one cluster on one PostgreSQL; one of them is killed under load.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private const string Cluster = "two-silos";
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
        await Task.Delay(TimeSpan.FromSeconds(6));
        var before = ledger.Total;
        Assert.True(before > 0, "nothing was acknowledged before the kill");
        doomed.Process.Kill();
        var killed = Stopwatch.GetTimestamp();
        while (ledger.Total < before + 2000 && Stopwatch.GetElapsedTime(killed) < TimeSpan.FromSeconds(60)) await Task.Delay(100);
        load.StopAfterThisStep();
        await running;
        Assert.True(ledger.Total >= before + 2000, $"the survivor acknowledged {ledger.Total - before} windows in {Stopwatch.GetElapsedTime(killed)}");

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

    private async Task<(Process Process, Uri Address)> StartSilo(string name)
    {
        var (http, silo, gateway) = (LoopbackPort.Free(), LoopbackPort.Free(), LoopbackPort.Free());
        string[] arguments =
        [
            "serve", "--privacy", "simulation", "--store", "postgres", "--cluster", Cluster, "--keys", Path.Combine(folder, "keys"), "--data", Path.Combine(folder, name),
            "--listen", $"127.0.0.1:{Text(http)}", "--silo-port", Text(silo), "--gateway-port", Text(gateway),
        ];
        var start = new ProcessStartInfo(Citysafe.Program(), arguments) { RedirectStandardError = true };
        start.Environment["CITYSAFE_POSTGRES"] = postgres.ConnectionString;
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
