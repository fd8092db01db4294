using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Mqtt;
using CitySafeSense.Mqtt.Mosquitto;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Silo.Broker;

/// <summary>Where devices find the broker, and by which certificate they know it.</summary>
public sealed record BrokerAddress(string Host, int Port, string? AuthorityFile);

/// <summary>Brings the broker up before anything reads from it, keeps a broker of our own alive, and changes its rights.</summary>
public sealed class BrokerHost(SiloOptions options, Keys keys, TimeProvider time, ILogger<BrokerHost> log) : StoppableService, IAsyncDisposable
{
    private const string OwnAdmin = "citysafe-admin";
    private const int ManyCommands = 200;
    private static readonly TimeSpan pauseBeforeRestart = TimeSpan.FromMilliseconds(200), longestPause = TimeSpan.FromSeconds(30);

    private static readonly Action<ILogger, string, Exception?> logTrouble = LoggerMessage.Define<string>(LogLevel.Warning, new EventId(1, "Broker"), "{Trouble}");

    private readonly SemaphoreSlim connecting = new(1);
    private MosquittoBroker? own;
    private DynamicSecurity? rights;

    /// <summary>Nothing where there is no MQTT.</summary>
    public BrokerAddress? Address { get; private set; }

    /// <summary>Why there is none although there should be.</summary>
    public string? Trouble { get; private set; }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Begin(cancellationToken);
        }
        catch (MqttException e) when (options.Broker.IsOptional)
        {
            (Address, Trouble) = (null, $"MQTT is off: {e.Message}");
            logTrouble(log, Trouble, null);
        }
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await DisposeAsync();
    }

    /// <summary>Also where the host never stops this service, because the start of another one failed: a broker of our own does not outlive its silo.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref rights, null) is { } connection) await connection.DisposeAsync();
        if (Interlocked.Exchange(ref own, null) is { } process) await process.DisposeAsync();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>How a silo's reader connects.</summary>
    public MqttOptions Ingest(string clientId) => As(BrokerRights.IngestUser, keys.BrokerIngest) with { ClientId = clientId };

    /// <summary>Adds devices; many at once while a broker of our own is down for a moment.</summary>
    /// <exception cref="MqttException">The broker refuses, or cannot be reached.</exception>
    public async Task Add(IReadOnlyList<JsonObject> commands, CancellationToken cancellation = default)
    {
        if (own is not null && commands.Count >= ManyCommands) await own.Add(commands, cancellation);
        else if ((await Change(commands, cancellation)).FirstOrDefault(e => e is not null) is { } error) throw new MqttException($"the broker refuses: {error}");
    }

    /// <summary>Carries out commands about rights; one that fails does not keep the others from being tried.</summary>
    /// <returns>For each what went wrong, or nothing. All nothing where there is no broker.</returns>
    /// <exception cref="MqttException">The broker cannot be reached.</exception>
    public async Task<IReadOnlyList<string?>> Change(IReadOnlyList<JsonObject> commands, CancellationToken cancellation = default)
    {
        if (Address is null) return new string?[commands.Count];
        await connecting.WaitAsync(cancellation);
        try
        {
            rights ??= await DynamicSecurity.Connect(Admin, time, cancellation);
        }
        finally
        {
            connecting.Release();
        }
        return await rights.Execute(commands, cancellation: cancellation);
    }

    /// <summary>What the broker keeps on topics for whoever subscribes to them; empty takes it away.</summary>
    /// <exception cref="MqttException">The broker cannot be reached, or refuses.</exception>
    public async Task Retain(IReadOnlyList<string> topics, byte[] payload, CancellationToken cancellation = default)
    {
        if (Address is null) return;
        await using var client = new MqttClient(Ingest(""), time: time);
        await client.Connect(cancellation);
        foreach (var topic in topics) await client.Publish(topic, payload, MqttQuality.AtLeastOnce, retain: true, cancellation);
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        var pause = pauseBeforeRestart;
        while (own is { } process && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await process.Exited.WaitAsync(stoppingToken);
                await Task.Delay(pause, time, stoppingToken);
                if (await process.Start(stoppingToken)) logTrouble(log, "the broker's process had ended by itself; it runs again", null);
                pause = pauseBeforeRestart;
            }
            catch (MqttException e)
            {
                pause = pause * 2 < longestPause ? pause * 2 : longestPause;
                logTrouble(log, string.Create(CultureInfo.InvariantCulture, $"the broker could not be started again, tried once more in {pause.TotalSeconds:0.#} s: {e.Message}"), null);
            }
        }
    }

    private MqttOptions Admin => options.Broker.Kind == BrokerKind.External ? As(options.Broker.AdminUser!, options.Broker.AdminPassword!) : As(OwnAdmin, keys.BrokerAdmin);

    private async Task Begin(CancellationToken cancellation)
    {
        switch (options.Broker.Kind)
        {
            case BrokerKind.Off: return;
            case BrokerKind.External: Address = new(options.Broker.Host!, options.Broker.Port, options.Broker.AuthorityFile); break;
            case BrokerKind.Own:
                own = await StartOwn(cancellation);
                Address = new(own.Host, own.Port, own.AuthorityFile);
                break;
        }
        var errors = await Change([.. BrokerRights.AddIngest(keys.BrokerIngest)], cancellation);
        // The last two set what the first two find there already.
        if (errors.Skip(errors.Count - 2).FirstOrDefault(e => e is not null) is { } error) throw new MqttException($"the broker's rights for silos could not be set: {error}");
    }

    private async Task<MosquittoBroker> StartOwn(CancellationToken cancellation)
    {
        var wanted = new MosquittoOptions { Folder = Path.Combine(options.DataFolder, "broker"), Listen = options.Broker.Listen, Names = options.Broker.Names, AdminUser = OwnAdmin, AdminPassword = keys.BrokerAdmin };
        try
        {
            return await MosquittoBroker.Start(wanted, time, cancellation);
        }
        catch (MqttException) when (options.Broker.IsOptional && wanted.Listen.Port != 0)
        {
            return await MosquittoBroker.Start(wanted with { Listen = new(wanted.Listen.Address, 0) }, time, cancellation); // the usual port is somebody else's
        }
    }

    private MqttOptions As(string user, string password) => new() { Host = Address!.Host, Port = Address.Port, Tls = MqttTls.FromFiles(Address.AuthorityFile), User = user, Password = password };
}
