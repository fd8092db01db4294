using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.EmbeddedOrleans;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using CitySafeSense.Silo;
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
    /// <param name="examples">Of learners, and those that anybody is judged by.</param>
    /// <param name="liars">Who reports what they should not.</param>
    /// <param name="filter">What sees every call before it is sent.</param>
    /// <param name="codec">What every message passes through.</param>
    /// <param name="stores">Where everything is stored, instead of in memory; disposed by whoever opened them.</param>
    /// <param name="memory">What keeps states in memory.</param>
    public InProcessCluster(
        CityOptions city, int workers, ulong seed, IExampleSource? examples = null, Liars? liars = null, IOutgoingGrainCallFilter? filter = null, IMessageCodec? codec = null, Stores? stores = null, IGrainStorage? memory = null)
    {
        Clock = new VirtualCityClock();
        IGrainStorage storage = stores?.Devices ?? memory ?? new MemoryStorage();
        var collection = new ServiceCollection()
            .AddSingleton(city)
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<ICityClock>(Clock)
            .AddSingleton(stores?.Blobs ?? new MemoryBlobStore())
            .AddSingleton<IObservationLog, MemoryObservationLog>()
            .AddSingleton<IComputePool>(_ => new ComputePool(workers))
            .AddSingleton(new Noise(new SeededBytes(Rng.For(seed, "noise"))))
            .AddSingleton<IRandomBytes, CryptographicBytes>()
            .AddSingleton(examples ?? new NoExamples())
            .AddSingleton<AggregationFactory>()
            .AddSingleton<IAggregationFactory>(p => liars is null ? p.GetRequiredService<AggregationFactory>() : new LyingAggregationFactory(p.GetRequiredService<AggregationFactory>(), liars))
            .AddSingleton<IDeviceMessenger, NoDevices>()
            .AddSingleton<GlobalModels>()
            .AddSingleton(new LearningMemory())
            .AddLogging()
            .AddSingleton<HoldoutEvaluator>()
            .AddSingleton<IHeldOutWindows>(HeldOutWindows.None)
            .AddSingleton(new ReleasePolicy());
        foreach (var name in new[] { "devices", "models", "cells" }) collection.AddKeyedSingleton<IGrainStorage>(name, storage);
        if (filter is not null) collection.AddSingleton(filter);
        services = collection.BuildServiceProvider();
        host = new ActorHost(
            services,
            new ActorHostOptions { GrainAssemblies = [typeof(DeviceGrain).Assembly], ContractAssemblies = [typeof(IDeviceGrain).Assembly], ResponseTimeout = TimeSpan.FromHours(6), Codec = codec },
            TimeProvider.System, NullLogger<ActorHost>.Instance);
    }

    public IGrainFactory Grains => host;
    public IServiceProvider Services => services;
    public VirtualCityClock Clock { get; }
    internal JumpingTime Time { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await services.DisposeAsync();
    }
}
