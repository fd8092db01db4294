using CitySafeSense.EmbeddedOrleans;
using CitySafeSense.Storage;
using CitySafeSense.Tests.Conformance;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace CitySafeSense.Tests.Runtimes;

/// <summary>The conformance grains on the embedded host, on the real clock and a database file.</summary>
public sealed class RuntimeStage : IStage, IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;
    private readonly SqliteDatabase database;
    private ServiceProvider services = null!;
    private ActorHost host = null!;

    private RuntimeStage()
    {
        database = new SqliteDatabase(Path.Combine(folder, "states.db"), SqliteGrainStorage.Schema + SqliteReminderTable.Schema);
        Storage = new SqliteGrainStorage(database);
    }

    public IGrainFactory Grains => host;
    public TimeProvider Time => TimeProvider.System;
    public Witness Witness { get; } = new(TimeProvider.System, TaskCreationOptions.RunContinuationsAsynchronously);
    public IGrainStorage Storage { get; }
    public TimeSpan ResponseTimeout { get; } = TimeSpan.FromSeconds(3);

    public static async Task<RuntimeStage> Start()
    {
        var stage = new RuntimeStage();
        await stage.StartHost();
        return stage;
    }

    public async Task Restart()
    {
        await StopHost();
        await StartHost();
    }

    public async ValueTask DisposeAsync()
    {
        await StopHost();
        database.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>What the conformance grains need, on any host of ours.</summary>
    public static ServiceProvider Services(Witness witness, IGrainStorage storage, IReminderTable reminders) => new ServiceCollection()
        .AddSingleton(witness)
        .AddKeyedSingleton("tests", storage)
        .AddSingleton(reminders)
        .AddSingleton<IIncomingGrainCallFilter, NotingFilter>()
        .AddSingleton<IOutgoingGrainCallFilter, NotingFilter>()
        .BuildServiceProvider();

    public static ActorHostOptions Options(TimeSpan responseTimeout) => new()
    {
        GrainAssemblies = [typeof(ScriptedGrain).Assembly],
        ContractAssemblies = [typeof(ScriptedGrain).Assembly],
        ResponseTimeout = responseTimeout,
        MinimumReminderPeriod = TimeSpan.FromMilliseconds(100),
    };

    private async Task StartHost()
    {
        services = Services(Witness, Storage, new SqliteReminderTable(database));
        host = new ActorHost(services, Options(ResponseTimeout), TimeProvider.System, NullLogger<ActorHost>.Instance);
        await host.StartAsync();
    }

    private async Task StopHost()
    {
        await host.DisposeAsync();
        await services.DisposeAsync();
    }
}
