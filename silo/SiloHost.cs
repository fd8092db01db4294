using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;
using CitySafeSense.Silo.Api;
using CitySafeSense.Silo.Broker;
using CitySafeSense.Silo.Devices;
using CitySafeSense.Silo.Hosting;
using CitySafeSense.Silo.Ingress;
using CitySafeSense.Silo.Ports;
using CitySafeSense.Storage;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Silo;

/// <summary>The composition root of a silo: storage, grains, ingress and API, put together from options. The only place that knows all of them.</summary>
public static class SiloHost
{
    private const long MaxRequestBytes = 16 << 20;

    /// <exception cref="ArgumentException">An option is wrong.</exception>
    /// <exception cref="StorageException">The data folder does not work.</exception>
    public static WebApplication Build(SiloOptions options)
    {
        options.Validate();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false"] }); // would watch the data folder
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical); // a failed start is thrown to whoever starts, with the same words
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            kestrel.Listen(options.Listen, listen =>
            {
                if (options.CertificateFile is { } file) listen.UseHttps(X509Certificate2.CreateFromPemFile(file));
            });
        });
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            // What a body leaves out, misspells or sets to null is a mistake, and not the default of its type.
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Default);
            json.SerializerOptions.RespectRequiredConstructorParameters = json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        });
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true); // answered by ExceptionAnswers
        builder.Services.AddExceptionHandler<ExceptionAnswers>();
        AddStorage(builder.Services, options);
        AddCity(builder.Services, options);
        ActorRuntime.Add(builder, options);
        var app = builder.Build();
        // Services go in the reverse order of their making: grains before the storage they write to.
        app.Services.GetRequiredService<Stores>();
        app.Services.GetRequiredService<IComputePool>();
        app.UseExceptionHandler(errors => errors.Run(ExceptionAnswers.Fault));
        app.UseStatusCodePages(ExceptionAnswers.Describe);
        app.Use(AskAgain);
        app.MapApi();
        return app;
    }

    /// <exception cref="ArgumentException">What is stored there is of devices of the other kind.</exception>
    private static async Task RequirePrivacy(IGrainFactory grains, SiloOptions options)
    {
        var (wanted, decided) = (options.City.Privacy, await grains.GetGrain<ICityGrain>("city").DecidePrivacy(options.City.Privacy));
        if (decided == wanted) return;
        var (place, kind) = (options.Postgres is null ? options.DataFolder : "this database", decided == PrivacyMode.Simulation ? "virtual" : "real");
        throw new ArgumentException($"{place} holds cells, counts and models of {kind} devices, and stays so: start it with --privacy {decided.ToString().ToLowerInvariant()}, or give --data another folder (another database)");
    }

    /// <summary>Brings a started silo to where it left off: the first model exists, rows of the log are in their cells, then regions wake and windows are taken.</summary>
    /// <exception cref="ArgumentException">What is stored is of devices of the other kind than these options say.</exception>
    public static async Task Resume(IServiceProvider services)
    {
        var (grains, city, options) = (services.GetRequiredService<IGrainFactory>(), services.GetRequiredService<CityOptions>(), services.GetRequiredService<SiloOptions>());
        await RequirePrivacy(grains, options);
        if (services.GetRequiredService<ICityClock>() is VirtualCityClock clock) await ClockSynchroniser.Follow(grains, clock);
        await grains.GetGrain<IModelGrain>(city.Population).Initialise(
            ModelRuntime.SpecFor(ActivityClasses.Count, ChannelScaling.Nominal(WindowSchema.Default)), options.Seed);
        var partitions = Enumerable.Range(0, Limits.Partitions).Select(p => grains.GetGrain<IIngestLogGrain>(p)).ToArray();
        await Task.WhenAll(partitions.Select(p => p.Resume()));
        while ((await Task.WhenAll(partitions.Select(p => p.Pending()))).Sum() > 0) await Task.Delay(20);
        await Caretaker.WakeRegions(grains);
        services.GetRequiredService<Readiness>().Reach();
    }

    private static void AddStorage(IServiceCollection services, SiloOptions options)
    {
        var stores = options.Postgres is { } postgres ? Stores.OnPostgres(postgres) : Stores.OnSqlite(options.DataFolder);
        services.AddSingleton(_ => stores); // the container disposes what it makes, and only that
        services.AddKeyedSingleton("devices", (p, _) => p.GetRequiredService<Stores>().Devices);
        services.AddKeyedSingleton("models", (p, _) => p.GetRequiredService<Stores>().Devices);
        services.AddKeyedSingleton("cells", (p, _) => p.GetRequiredService<Stores>().Cells);
        services.AddSingleton(p => p.GetRequiredService<Stores>().Blobs);
        services.AddSingleton(p => p.GetRequiredService<Stores>().Log);
    }

    private static void AddCity(IServiceCollection services, SiloOptions options)
    {
        services.AddSingleton(options).AddSingleton(options.City).AddSingleton(TimeProvider.System);
        services.AddSingleton(new Keys(options.KeysFolder ?? Path.Combine(options.DataFolder, "keys")));
        services.AddSingleton(p => new KeyedPseudonym(options.City.Privacy == PrivacyMode.Simulation ? SimulatedPseudonymKey(options.Seed) : p.GetRequiredService<Keys>().Pseudonyms));
        services.AddSingleton<IComputePool>(_ => new ComputePool(options.Workers == 0 ? Environment.ProcessorCount : options.Workers));
        services.AddSingleton<IAggregationFactory, AggregationFactory>().AddSingleton<IExampleSource, NoExamples>().AddSingleton<IRandomBytes, CryptographicBytes>();
        services.AddSingleton<GlobalModels>().AddSingleton(new LearningMemory()).AddSingleton<Readiness>().AddSingleton<StorageHealth>().AddHostedService<Caretaker>().AddHostedService<RoundSchedule>();
        services.AddSingleton<BrokerHost>().AddHostedService(p => p.GetRequiredService<BrokerHost>()).AddSingleton<DeviceRegistry>().AddSingleton<DeviceForgetting>();
        services.AddSingleton<LastSeen>().AddHostedService(p => p.GetRequiredService<LastSeen>());
        services.AddSingleton<DeviceRetention>().AddHostedService(p => p.GetRequiredService<DeviceRetention>());
        services.AddSingleton<ArrivalReader>().AddSingleton<IngestCounts>().AddSingleton<DeadLetters>().AddSingleton<IngestPipeline>().AddSingleton<RoundIngress>().AddSingleton<IDeviceMessenger, DeviceMessenger>();
        services.AddSingleton<Acknowledger>().AddSingleton<MqttIngress>().AddHostedService(p => p.GetRequiredService<MqttIngress>());
        services.AddSingleton<HoldoutEvaluator>().AddSingleton(options.Release).AddSingleton<IHeldOutWindows>(HeldOutWindows.For(options));
        if (options.City.Privacy == PrivacyMode.Simulation)
            services.AddSingleton<ICityClock>(p => new VirtualCityClock(p.GetRequiredService<TimeProvider>())).AddHostedService<ClockSynchroniser>().AddSingleton(new Noise(new SeededBytes(Rng.For(options.Seed, "noise"))));
        else
            services.AddSingleton<ICityClock, RealCityClock>().AddSingleton(new Noise(new CryptographicBytes()));
    }

    /// <summary>Virtual people need no secret, and counts of many contributors are estimates that depend on their pseudonyms: the same seed gives the same ones.</summary>
    private static byte[] SimulatedPseudonymKey(ulong seed)
    {
        var (key, rng) = (new byte[32], Rng.For(seed, "pseudonyms"));
        for (var at = 0; at < key.Length; at += sizeof(ulong)) BitConverter.TryWriteBytes(key.AsSpan(at), rng.NextUInt64());
        return key;
    }

    /// <summary>What only reads is asked again when the silo that should have answered is gone.</summary>
    private static Task AskAgain(HttpContext context, RequestDelegate next) => !HttpMethods.IsGet(context.Request.Method) ? next(context) : Repeat.Idempotent(async () =>
    {
        await next(context);
        return true;
    });
}
