using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace CitySafeSense.Mqtt.Mosquitto;

/// <summary>
/// A Mosquitto process with TLS, passwords and rights for each device (its dynamic security plugin). It belongs to its folder: a
/// process that outlived whoever started it is found again and taken over.
/// </summary>
public sealed class MosquittoBroker : IAsyncDisposable
{
    private static readonly TimeSpan startPatience = TimeSpan.FromSeconds(15), stopPatience = TimeSpan.FromSeconds(10);
    private readonly MosquittoOptions options;
    private readonly TimeProvider time;
    private readonly BrokerCertificates certificates;
    private readonly SemaphoreSlim changing = new(1);
    private Process? process;

    private MosquittoBroker(MosquittoOptions options, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        certificates = new BrokerCertificates(Folder);
        Port = options.Listen.Port;
    }

    /// <summary>Where it can be reached from this machine.</summary>
    public string Host => options.Listen.Address.Equals(IPAddress.Any) || options.Listen.Address.Equals(IPAddress.IPv6Any) ? "localhost" : options.Listen.Address.ToString();

    public int Port { get; private set; }

    /// <summary>The certificate that clients trust.</summary>
    public string AuthorityFile => certificates.AuthorityFile;

    public int ProcessId => process!.Id;

    /// <summary>Answers when the process is gone, however it went.</summary>
    public Task Exited => process!.WaitForExitAsync();

    private string Folder => Path.GetFullPath(options.Folder);
    private string ConfigurationFile => Path.Combine(Folder, "mosquitto.conf");
    private string LogFile => Path.Combine(Folder, "mosquitto.log");
    private string PidFile => Path.Combine(Folder, "mosquitto.pid");
    private string PortFile => Path.Combine(Folder, "port");
    private string RightsFile => Path.Combine(Folder, "dynamic-security.json");

    /// <exception cref="MqttException">Mosquitto or its plugin is not installed, or does not start; says what helps.</exception>
    public static async Task<MosquittoBroker> Start(MosquittoOptions options, TimeProvider time, CancellationToken cancellation = default)
    {
        var broker = new MosquittoBroker(options, time);
        await broker.Start(cancellation);
        return broker;
    }

    /// <summary>Starts it again after it went.</summary>
    /// <returns>False where it runs: there was nothing to do.</returns>
    public async Task<bool> Start(CancellationToken cancellation)
    {
        await changing.WaitAsync(cancellation);
        try
        {
            return await Launch(cancellation);
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>
    /// Adds many roles and users at once, by commands of its dynamic security, while the broker is down for a moment: asked one by
    /// one, the plugin writes its whole file for each, which for thousands takes minutes. Sessions and queues survive; clients come back.
    /// </summary>
    /// <exception cref="MqttException">A name is there already, or the command adds nothing; then nothing is changed.</exception>
    public async Task Add(IEnumerable<JsonObject> commands, CancellationToken cancellation = default)
    {
        await changing.WaitAsync(cancellation);
        try
        {
            await Stop();
            try
            {
                PrivateFile.Write(RightsFile, DynamicSecurityFile.Add(await File.ReadAllTextAsync(RightsFile, cancellation), commands));
            }
            finally
            {
                await Launch(cancellation);
            }
        }
        finally
        {
            changing.Release();
        }
    }

    private async Task<bool> Launch(CancellationToken cancellation)
    {
        var program = Find("mosquitto", ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"]);
        var plugin = Plugin();
        Directory.CreateDirectory(Folder);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        certificates.Ensure([.. new[] { "localhost", "127.0.0.1", Host }.Concat(options.Names).Distinct()], time.GetUtcNow());
        var running = Running();
        Port = ChoosePort(running is not null);
        PrivateFile.Write(PortFile, Port.ToString(CultureInfo.InvariantCulture));
        if (!File.Exists(RightsFile)) PrivateFile.Write(RightsFile, DynamicSecurityFile.First(options.AdminUser, options.AdminPassword));
        PrivateFile.Write(ConfigurationFile, Configuration(plugin));
        process = running ?? Process.Start(Command(program))!;
        await Answers(cancellation);
        return running is null;
    }

    /// <summary>In a session of its own where the system can: Ctrl-C in a terminal is for the silo, which then stops it in its turn.</summary>
    private ProcessStartInfo Command(string program)
    {
        const string session = "/usr/bin/setsid"; // of util-linux; becomes the program, with the same process id
        string[] arguments = ["-c", ConfigurationFile];
        var start = File.Exists(session) ? new ProcessStartInfo(session, [program, .. arguments]) : new ProcessStartInfo(program, arguments);
        (start.RedirectStandardError, start.RedirectStandardOutput) = (true, true);
        return start;
    }

    public async ValueTask DisposeAsync()
    {
        await changing.WaitAsync();
        await Stop();
    }

    /// <summary>Asks it to end, then makes it.</summary>
    private async Task Stop()
    {
        if (process is null) return;
        if (!process.HasExited)
        {
            Signal(process.Id);
            using var patience = new CancellationTokenSource(stopPatience, time);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
            }
        }
    }

    private string Configuration(string plugin)
    {
        var text = new StringBuilder();
        text.AppendLine("# Written at every start.");
        // Started by root, Mosquitto would become another user, who may not read its folder.
        if (Environment.UserName == "root") text.AppendLine("user root");
        text.AppendLine(CultureInfo.InvariantCulture, $"pid_file {PidFile}");
        text.AppendLine(CultureInfo.InvariantCulture, $"log_dest file {LogFile}").AppendLine("log_type error").AppendLine("log_type warning").AppendLine("log_type notice").AppendLine("connection_messages false");
        text.AppendLine("persistence true").AppendLine(CultureInfo.InvariantCulture, $"persistence_location {Folder}/").AppendLine("autosave_interval 60");
        text.AppendLine("allow_anonymous false");
        text.AppendLine(CultureInfo.InvariantCulture, $"plugin {plugin}").AppendLine(CultureInfo.InvariantCulture, $"plugin_opt_config_file {RightsFile}");
        text.AppendLine(CultureInfo.InvariantCulture, $"max_packet_size {options.MaximumPacketBytes}");
        text.AppendLine(CultureInfo.InvariantCulture, $"max_queued_messages {options.QueuedMessages}").AppendLine(CultureInfo.InvariantCulture, $"max_inflight_messages {options.InFlightMessages}");
        text.AppendLine("persistent_client_expiration 1d").AppendLine("set_tcp_nodelay true");
        text.AppendLine(CultureInfo.InvariantCulture, $"listener {Port} {options.Listen.Address}");
        text.AppendLine(CultureInfo.InvariantCulture, $"certfile {certificates.ServerFile}").AppendLine(CultureInfo.InvariantCulture, $"keyfile {certificates.ServerKeyFile}").AppendLine("tls_version tlsv1.2");
        return text.ToString();
    }

    /// <summary>The process of this folder, if it is alive: its command line says so, since ids are given to others again.</summary>
    private Process? Running()
    {
        if (!File.Exists(PidFile) || !int.TryParse(File.ReadAllText(PidFile), NumberStyles.Integer, CultureInfo.InvariantCulture, out var id)) return null;
        var commandLine = $"/proc/{id}/cmdline";
        return File.Exists(commandLine) && File.ReadAllText(commandLine).Contains(ConfigurationFile, StringComparison.Ordinal) ? Process.GetProcessById(id) : null;
    }

    private async Task Answers(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            if (process!.HasExited) throw new MqttException($"mosquitto does not start on {options.Listen.Address}:{Port}: {LastWords()}; its log is {LogFile}");
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(Host, Port, cancellation);
                return;
            }
            catch (SocketException) when (time.GetElapsedTime(started) < startPatience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellation);
            }
            catch (SocketException e)
            {
                throw new MqttException($"mosquitto on {Host}:{Port} cannot be reached after {startPatience.TotalSeconds} s ({e.Message}); its log is {LogFile}", e);
            }
        }
    }

    private string LastWords() => File.Exists(LogFile) && File.ReadLines(LogFile).LastOrDefault() is { } last ? last : "it says nothing";

    private static string Find(string name, string[] places) => places.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(p => Path.Combine(p, name))).FirstOrDefault(File.Exists)
        ?? throw new MqttException($"{name} is not installed: as root, run 'apt-get install mosquitto', or name a broker with --broker");

    private static string Plugin()
    {
        const string Name = "mosquitto_dynamic_security.so";
        string[] places = ["/usr/lib", "/usr/local/lib"];
        return places.Where(Directory.Exists).SelectMany(p => new[] { p }.Concat(Directory.GetDirectories(p, "*-linux-gnu*"))).Select(p => Path.Combine(p, Name)).FirstOrDefault(File.Exists)
            ?? throw new MqttException($"Mosquitto's {Name} is not installed: version 2 of the package mosquitto has it");
    }

    /// <summary>The one asked for; the one from last time, or a free one, where none is. A process that is taken over keeps its own.</summary>
    /// <exception cref="MqttException">Another program listens there: it would answer in the broker's place.</exception>
    private int ChoosePort(bool isRunning)
    {
        var (wanted, last) = (Port, File.Exists(PortFile) ? int.Parse(File.ReadAllText(PortFile), CultureInfo.InvariantCulture) : 0);
        if (isRunning && last != 0) return last;
        if (wanted == 0) return last != 0 && IsFree(last) ? last : FreePort();
        return IsFree(wanted) ? wanted : throw new MqttException($"another program listens on {options.Listen.Address}:{wanted}; stop it, or choose another address with --mqtt-listen");
    }

    private bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(options.Listen.Address, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Signal(int processId)
    {
        using var kill = Process.Start("kill", ["-TERM", processId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
