using CitySafeSense.Storage;
using CitySafeSense.Tests.Conformance;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace CitySafeSense.Tests.Runtimes;

/// <summary>The conformance grains on Microsoft Orleans: one silo with its co-hosted client, on a database file.</summary>
public sealed class RuntimeStage : IStage, IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;
    private readonly SqliteDatabase database;
    private IHost host = null!;

    private RuntimeStage()
    {
        database = new SqliteDatabase(Path.Combine(folder, "states.db"), SqliteGrainStorage.Schema + SqliteReminderTable.Schema);
        Storage = new SqliteGrainStorage(database);
    }

    public IGrainFactory Grains => host.Services.GetRequiredService<IGrainFactory>();
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

    private async Task StartHost()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(LoopbackPort.Free(), LoopbackPort.Free(), null);
            silo.Services.AddSingleton(Witness).AddSingleton<IReminderTable>(new SqliteReminderTable(database));
            silo.Services.AddGrainStorage("tests", (_, _) => Storage);
            silo.AddReminders();
            silo.AddIncomingGrainCallFilter<NotingFilter>().AddOutgoingGrainCallFilter<NotingFilter>();
            silo.Configure<ReminderOptions>(o => o.MinimumReminderPeriod = TimeSpan.FromMilliseconds(100));
            silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = ResponseTimeout);
            silo.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = ResponseTimeout);
        });
        host = builder.Build();
        await host.StartAsync();
    }

    private async Task StopHost()
    {
        await host.StopAsync();
        host.Dispose();
    }
}
