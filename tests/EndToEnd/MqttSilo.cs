using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using CitySafeSense.Contracts;
using CitySafeSense.Sdk;
using CitySafeSense.Silo;
using CitySafeSense.Silo.Broker;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace CitySafeSense.EndToEnd;

/// <summary>A whole silo in simulation, with a broker of its own, on free ports and in a folder of its own.</summary>
internal sealed class MqttSilo
{
    private WebApplication? app;
    private HttpClient? http;

    public IServiceProvider Services => app!.Services;

    public string Folder { get; } = Directory.CreateTempSubdirectory("citysafe-test-").FullName;

    public string AuthorityFile => Path.Combine(Folder, "broker", "ca.pem");

    /// <returns>A client with the operator's token.</returns>
    public async Task<CitySafeClient> Start(SiloOptions? like = null)
    {
        app = SiloHost.Build((like ?? new SiloOptions()) with
        {
            DataFolder = Folder,
            Listen = new(IPAddress.Loopback, 0),
            City = new CityOptions { Privacy = PrivacyMode.Simulation, BinSeconds = 30 },
            Workers = 2,
            Broker = new BrokerOptions { Kind = BrokerKind.Own, Listen = new(IPAddress.Loopback, 0), IsOptional = true },
        });
        await app.StartAsync();
        await SiloHost.Resume(app.Services);
        http = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
        return new CitySafeClient(http, (await File.ReadAllTextAsync(Path.Combine(Folder, "keys", Keys.OperatorTokenFile))).Trim());
    }

    /// <summary>Windows from virtual devices, over HTTP.</summary>
    public async Task<IngestAnswer> Post(IReadOnlyList<byte[]> frames)
    {
        var body = new ByteArrayContent(SiloTests.Batch(frames));
        body.Headers.ContentType = new MediaTypeHeaderValue(Routes.WindowFrames);
        using var request = new HttpRequestMessage(HttpMethod.Post, Routes.Windows) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(Folder, "keys", Keys.IngestTokenFile))).Trim());
        using var response = await http!.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync(WireJson.Default.IngestAnswer))!;
    }

    public async Task Stop()
    {
        http?.Dispose();
        if (app is null) return;
        await app.StopAsync();
        await app.DisposeAsync();
        app = null;
    }

    public async Task DisposeAsync()
    {
        await Stop();
        Directory.Delete(Folder, recursive: true);
    }
}
