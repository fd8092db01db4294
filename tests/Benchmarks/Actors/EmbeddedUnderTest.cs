using System.Text.Json;
using CitySafeSense.EmbeddedOrleans;
using CitySafeSense.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace CitySafeSense.Benchmarks.Actors;

/// <summary>The embedded host.</summary>
internal sealed class RuntimeUnderTest : IAsyncDisposable
{
    public const string Name = "embedded";
    private readonly ServiceProvider services;
    private readonly ActorHost host;

    private RuntimeUnderTest(IGrainStorage storage, IMessageCodec? codec)
    {
        services = new ServiceCollection().AddKeyedSingleton("bench", storage).BuildServiceProvider();
        var assembly = typeof(CounterGrain).Assembly;
        host = new ActorHost(services, new ActorHostOptions { GrainAssemblies = [assembly], ContractAssemblies = [assembly], Codec = codec }, TimeProvider.System, NullLogger<ActorHost>.Instance);
    }

    public IGrainFactory Grains => host;

    public static string Version => typeof(ActorHost).Assembly.GetName().Version!.ToString(3);

    public static Task<RuntimeUnderTest> Start(bool byteCodec = false) => Task.FromResult(new RuntimeUnderTest(new InstantStorage(), byteCodec ? new JsonBytes() : null));

    public static Task<RuntimeUnderTest> OnPostgres(string connectionString) => Task.FromResult(new RuntimeUnderTest(new PostgresGrainStorage(new PostgresDatabase(connectionString, "cells")), null));

    public static Task<RuntimeUnderTest> OnSqlite(string path) => Task.FromResult(new RuntimeUnderTest(new SqliteGrainStorage(new SqliteDatabase(path, SqliteGrainStorage.Schema)), null));

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await services.DisposeAsync();
    }

    /// <summary>Every argument and result becomes UTF-8 JSON and is read again.</summary>
    private sealed class JsonBytes : IMessageCodec
    {
        public T PassThrough<T>(T value) => JsonSerializer.Deserialize<T>(JsonSerializer.SerializeToUtf8Bytes(value))!;
    }
}
