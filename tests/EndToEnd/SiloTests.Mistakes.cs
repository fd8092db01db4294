using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using CitySafeSense.Sdk;
using CitySafeSense.Silo;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.EndToEnd;

/// <summary>What a client does wrong is told to the client: by status, with the place and in words, and it is nothing for the silo's log.</summary>
public sealed partial class SiloTests
{
    [Theory]
    [InlineData("POST", Routes.Devices, "{}", 400, "'devices' is missing")]
    [InlineData("POST", Routes.Devices, "[]", 400, "another type")]
    [InlineData("POST", Routes.Devices, "x", 400, "line 1")]
    [InlineData("POST", Routes.Devices, "", 400, "JSON")]
    [InlineData("POST", Routes.Devices, """{"devices":null}""", 400, "$.devices")]
    [InlineData("POST", Routes.Devices, """{"devices":[null]}""", 400, "$.devices[0]")]
    [InlineData("POST", Routes.Devices, """{"devices":[{"device":5}]}""", 400, "$.devices[0].device")]
    [InlineData("POST", Routes.Devices, """{"devices":[{"id":"a"}]}""", 400, "there is no 'id'")]
    [InlineData("POST", Routes.Devices, """{"devices":[{"device":"a b"}]}""", 400, "is not a device id")]
    [InlineData("POST", Routes.Rounds, "{}", 400, "'strategy', 'goal', 'seed' is missing")]
    [InlineData("POST", Routes.Rounds, """{"strategy":"fedsomething","goal":1,"seed":1}""", 400, "choose from fedavg")]
    [InlineData("POST", Routes.Rounds, """{"strategy":"fedavg","goal":"ten","seed":1}""", 400, "$.goal")]
    [InlineData("POST", Routes.Rounds, """{"strategy":"fedavg","goal":1,"seed":1,"deadlineSeconds":1e300}""", 400, "up to a day")]
    [InlineData("POST", Routes.Rounds, """{"strategy":"fedavg","goal":1,"seed":1,"optimiser":"newton"}""", 400, "choose from sgd, adam")]
    [InlineData("POST", Routes.Rounds, """{"strategy":"fedavg","goal":10,"seed":1,"secureSum":true}""", 400, "at least 32 clients")]
    [InlineData("POST", Routes.Rounds, """{"strategy":"fedavg","goal":10,"seed":1}""", 409, "0 devices would take part now, and the goal is 10")]
    [InlineData("PUT", Routes.AlarmRules, """{"rules":[]}""", 400, "name at least one")]
    [InlineData("PUT", Routes.AlarmRules, "{}", 400, "'rules' is missing")]
    [InlineData("POST", Routes.Alarms + "/7/acknowledge", """{"by":"ana"}""", 400, "7")]
    [InlineData("POST", Routes.Release, """{"action":"explode"}""", 400, "is not what can be done")]
    [InlineData("DELETE", Routes.Devices + "/nobody", "", 404, "nobody is not registered")]
    [InlineData("GET", Routes.Devices + "/nobody", "", 404, "nobody is not registered")]
    [InlineData("GET", Routes.Alarms + "?active=maybe", "", 400, "active: \"maybe\"")]
    [InlineData("GET", "/nothing", "", 404, "there is nothing at /nothing")]
    [InlineData("DELETE", Routes.Hotspots, "", 405, "takes GET, not DELETE")]
    public async Task Mistake_is_told_in_words_and_not_logged(string method, string path, string body, int status, string says)
    {
        using var log = new CapturedLog();
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PUT") request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(Keys.OperatorTokenFile));
        using var response = await http.SendAsync(request);
        var error = (await response.Content.ReadFromJsonAsync(WireJson.Default.ErrorAnswer))!.Error;
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(says, error);
        foreach (var inside in new[] { "CitySafeSense", "System.", "Parameter '", "BytePosition" }) Assert.DoesNotContain(inside, error);
        Assert.DoesNotContain(log.Lines, l => l.Level >= LogLevel.Warning);
    }

    /// <summary>The other side: what is the silo's own fault is logged, with its stack.</summary>
    [Fact]
    public async Task Fault_of_the_silo_is_logged_and_its_client_told_no_more_than_that()
    {
        using var log = new CapturedLog();
        var faulty = SiloHost.Build(new SiloOptions { DataFolder = Path.Combine(folder, "faulty"), Listen = new(IPAddress.Loopback, 0), City = new() { Privacy = Contracts.PrivacyMode.Simulation } });
        faulty.MapGet("/fault", string () => throw new InvalidCastException("secret of the silo"));
        faulty.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await using (faulty)
        {
            await faulty.StartAsync();
            using var own = new HttpClient { BaseAddress = new Uri(faulty.Urls.First()) };
            using var response = await own.GetAsync("/fault");
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            Assert.Equal("failed; the log of the silo says why", (await response.Content.ReadFromJsonAsync(WireJson.Default.ErrorAnswer))!.Error);
            Assert.Single(log.Lines, l => l.Level >= LogLevel.Error);
            await faulty.StopAsync();
        }
    }

    [Fact]
    public async Task Events_that_are_all_refused_are_no_success()
    {
        const string late = """{"device":"lamp","timestamp":"2025-11-26T12:00:00Z","event":"forced_displacement","probability":0.9,"cell":"89a8100c00fffff"}""";
        await Clock(noon);
        using var refused = await SendOne(late);
        var answer = (await refused.Content.ReadFromJsonAsync(WireJson.Default.IngestAnswer))!;
        Assert.Equal((HttpStatusCode.UnprocessableEntity, 0, "too_late"), (refused.StatusCode, answer.Accepted, answer.Rejected.Single().Reason));
        Assert.Contains("check the device's clock", answer.Error);
        using var mixed = await SendOne($"[{late},{late.Replace("2025-11-26T12:00:00Z", "2026-03-02T12:00:10Z", StringComparison.Ordinal)}]");
        Assert.Equal((HttpStatusCode.OK, 1), (mixed.StatusCode, (await mixed.Content.ReadFromJsonAsync(WireJson.Default.IngestAnswer))!.Accepted));

        async Task<HttpResponseMessage> SendOne(string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Routes.Events) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(Keys.IngestTokenFile));
            return await http.SendAsync(request);
        }
    }

    [Fact]
    public async Task Registered_device_is_known_before_it_has_said_anything_and_shown_with_what_was_refused()
    {
        var client = Operator();
        var credential = (await client.RegisterDevices(new RegisterDevices([new DeviceToRegister("lamp-1", "89a8100c00fffff")]))).Credentials.Single();
        var known = await client.Device("lamp-1");
        Assert.Equal(("lamp-1", "89a8100c00fffff", 0), (known.Device, known.Registration!.Cell, known.Refused.Count));
        Assert.Null(known.Registration.Seen);
        await Clock(noon);
        using var request = new HttpRequestMessage(HttpMethod.Post, Routes.Events) { Content = new StringContent("""{"device":"lamp-1","timestamp":"2025-11-26T12:00:00Z","event":"forced_displacement","probability":0.9}""") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"lamp-1:{credential.Password}")));
        using var response = await http.SendAsync(request);
        Assert.Equal("too_late", (await client.Device("lamp-1")).Refused.Single().Reason);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await client.Device("lamp-1")).Registration!.Seen is null) await Task.Delay(100, limit.Token); // it was heard all the same
        var shown = await Cli("devices", "show", "lamp-1", "--token", OperatorFile);
        Assert.Contains("check the device's clock", shown.Output);
        Assert.Contains("last seen", (await Cli("devices", "list", "--token", OperatorFile)).Output);
    }

    [Fact]
    public async Task Token_and_address_are_told_once_for_all_verbs()
    {
        (string, string)[] told = [("CITYSAFE_TARGET", http.BaseAddress!.ToString()), ("CITYSAFE_TOKEN", OperatorFile)];
        Assert.Equal(0, (await Citysafe.RunWith(folder, told, "devices", "list")).Code);
        Assert.Equal(0, (await Citysafe.RunWith(folder, told, "simulate", "city", "--devices", "20", "--minutes", "2")).Code);
        var without = await Citysafe.RunWith(folder, told[..1], "devices", "list");
        Assert.Equal(1, without.Code);
        Assert.Contains("--token FILE, or CITYSAFE_TOKEN with the name of that file", without.Error);
    }

    private sealed class CapturedLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue((logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
