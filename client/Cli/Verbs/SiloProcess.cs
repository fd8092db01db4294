using System.Diagnostics;
using System.Globalization;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Mqtt;
using CitySafeSense.Silo;
using CitySafeSense.Storage;

namespace CitySafeSense.Cli.Verbs;

/// <summary>How a silo is started for a run: always in simulation, on loopback.</summary>
/// <param name="LogFile">What it logs goes there, instead of where this program's does.</param>
/// <param name="DataFolder">A temporary one where left out, deleted at the end.</param>
internal sealed record SiloLaunch(ulong Seed, string? DataFolder = null, PlantedFault Plant = PlantedFault.None, int BinSeconds = 300, string MqttListen = "off", string? LogFile = null);

/// <summary>A silo in a process of its own, which can be killed and started again on the same data and port.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly SiloLaunch launch;
    private readonly string dataFolder;
    private readonly int port;
    private Process process;

    private SiloProcess(SiloLaunch launch, string dataFolder, int port)
    {
        this.launch = launch;
        this.dataFolder = dataFolder;
        this.port = port;
        process = Launch();
    }

    public Uri Address => new($"http://127.0.0.1:{port}");
    public string OperatorToken => File.ReadAllText(Path.Combine(dataFolder, "keys", Keys.OperatorTokenFile)).Trim();

    /// <summary>Returns when it answers.</summary>
    /// <exception cref="CommandFailedException">It did not start.</exception>
    public static async Task<SiloProcess> Start(SiloLaunch launch, CancellationToken cancellation)
    {
        var silo = new SiloProcess(launch, launch.DataFolder ?? Directory.CreateTempSubdirectory("citysafe-").FullName, LoopbackPort.Free());
        await silo.Ready(cancellation);
        return silo;
    }

    /// <summary>Of a silo with a broker of its own.</summary>
    public string BrokerFolder => Path.Combine(dataFolder, "broker");

    public int BrokerPort => int.Parse(File.ReadAllText(Path.Combine(BrokerFolder, "port")), CultureInfo.InvariantCulture);

    /// <summary>How devices connect; whose credential is for the caller to say.</summary>
    public MqttOptions Broker => new() { Host = "127.0.0.1", Port = BrokerPort, Tls = MqttTls.FromFiles(Path.Combine(BrokerFolder, "ca.pem")), KeepAlive = TimeSpan.FromSeconds(10) };

    /// <summary>Of the broker's process; nothing where there is none.</summary>
    public int? BrokerId => File.Exists(BrokerPidFile) && int.TryParse(File.ReadAllText(BrokerPidFile), NumberStyles.Integer, CultureInfo.InvariantCulture, out var id) ? id : null;

    public bool IsAlive => !process.HasExited;

    private string BrokerPidFile => Path.Combine(BrokerFolder, "mosquitto.pid");

    /// <returns>The most bytes of memory it had, looked at several times a second until the end.</returns>
    public async Task<long> WatchMemory(CancellationToken end)
    {
        var most = 0L;
        while (!end.IsCancellationRequested && IsAlive)
        {
            process.Refresh();
            most = Math.Max(most, process.WorkingSet64);
            await Task.Delay(200, CancellationToken.None);
        }
        return most;
    }

    /// <summary>SIGKILL for the silo's broker, where it has one that lives.</summary>
    public async Task KillBroker()
    {
        if (BrokerId is not { } id) return;
        try
        {
            using var broker = Process.GetProcessById(id);
            if (broker.ProcessName != "mosquitto") return;
            broker.Kill();
            await broker.WaitForExitAsync();
        }
        catch (ArgumentException)
        {
            // it is gone already
        }
    }

    public HttpClient Http() => new() { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>SIGKILL: nothing is flushed, nothing is said.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public Task StartAgain(CancellationToken cancellation)
    {
        process.Dispose();
        process = Launch();
        return Ready(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await Kill();
        process.Dispose();
        await KillBroker();
        if (launch.DataFolder is null) Directory.Delete(dataFolder, recursive: true);
    }

    /// <summary>`simulate city` against this silo, in a process of its own; its report is on its standard output.</summary>
    public Process StartLoad(params ReadOnlySpan<string> arguments) => Start(
        ["simulate", "city", "--target", Address.ToString(), "--token", Path.Combine(dataFolder, "keys", Keys.OperatorTokenFile), .. arguments]);

    private Process Launch()
    {
        var arguments = Arguments();
        if (launch.LogFile is not { } file) return Start(arguments);
        var logged = Start(arguments, isLogged: true);
        var log = new StreamWriter(file, append: true) { AutoFlush = true };
        logged.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) log.Dispose();
            else log.WriteLine(line.Data);
        };
        logged.BeginErrorReadLine();
        return logged;
    }

    private string[] Arguments() =>
    [
        "serve", "--data", dataFolder, "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "--privacy", "simulation",
        "--seed", launch.Seed.ToString(CultureInfo.InvariantCulture), "--bin-seconds", launch.BinSeconds.ToString(CultureInfo.InvariantCulture), "--plant", launch.Plant.ToString(), "--mqtt-listen", launch.MqttListen, "--rounds-every", "0", "--quiet",
    ];

    /// <summary>This program again, with other arguments.</summary>
    private static Process Start(ReadOnlySpan<string> arguments, bool isLogged = false)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = isLogged };
        // Under `dotnet citysafe.dll` the program is the runtime and the assembly its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start) ?? throw new CommandFailedException($"the process for `{arguments[0]}` did not start");
    }

    private async Task Ready(CancellationToken cancellation)
    {
        using var http = Http();
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (process.HasExited) throw new CommandFailedException($"the silo ended with code {process.ExitCode} before it answered; the lines above say why");
            try
            {
                using var answer = await http.GetAsync(Wire.Routes.Health, cancellation);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException) when (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
            {
                // not listening yet
            }
            await Task.Delay(50, cancellation);
        }
    }
}
