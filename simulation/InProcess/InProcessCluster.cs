using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.EmbeddedOrleans;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.Privacy;
using CitySafeSense.Silo.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Storage;

namespace CitySafeSense.InProcess;

/// <summary>The same grains as a silo's, on the embedded host, with storage in memory: for experiments and tests.</summary>
public sealed class InProcessCluster : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly ActorHost host;

    /// <param name="workers">Threads that train; the numbers that come out do not depend on it.</param>
    /// <param name="server">What a test puts in place of the mean.</param>
    public InProcessCluster(CityOptions city, int workers, ulong seed, IServerOptimiser? server = null)
    {
        Clock = new VirtualCityClock();
        var storage = new MemoryStorage();
        var collection = new ServiceCollection()
            .AddSingleton(city)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<ICityClock>(Clock)
            .AddSingleton<IBlobStore, MemoryBlobStore>()
            .AddSingleton<IObservationLog, MemoryObservationLog>()
            .AddSingleton<IComputePool>(_ => new ComputePool(workers))
            .AddSingleton<INoiseSource>(new SeededNoise(seed))
            .AddSingleton(server ?? new MeanServerOptimiser())
            .AddSingleton<GlobalModels>();
        foreach (var name in new[] { "devices", "models", "cells" }) collection.AddKeyedSingleton<IGrainStorage>(name, storage);
        services = collection.BuildServiceProvider();
        host = new ActorHost(
            services,
            new ActorHostOptions { GrainAssemblies = [typeof(DeviceGrain).Assembly], ContractAssemblies = [typeof(IDeviceGrain).Assembly], ResponseTimeout = TimeSpan.FromHours(6) },
            TimeProvider.System, NullLogger<ActorHost>.Instance);
    }

    public IGrainFactory Grains => host;
    public VirtualCityClock Clock { get; }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await services.DisposeAsync();
    }
}
