using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using CitySafeSense.Wire;

namespace CitySafeSense.Sdk;

/// <summary>A typed client of a silo's HTTP API.</summary>
/// <param name="http">Its base address is the silo's.</param>
/// <param name="operatorToken">For what operators may do; hotspots and rounds are public.</param>
public sealed class CitySafeClient(HttpClient http, string? operatorToken = null)
{
    public Task<HealthAnswer> Health(CancellationToken cancellation = default) => Get(Routes.Health, WireJson.Default.HealthAnswer, cancellation);

    /// <param name="box">"south,west,north,east" in degrees; everything where it is left out.</param>
    public Task<HotspotsAnswer> Hotspots(string? box = null, CancellationToken cancellation = default) =>
        Get(box is null ? Routes.Hotspots : $"{Routes.Hotspots}?bbox={Uri.EscapeDataString(box)}", WireJson.Default.HotspotsAnswer, cancellation);

    public Task<CellCounts> Counts(string cell, CancellationToken cancellation = default) => Get($"{Routes.Hotspots}/{cell}/counts", WireJson.Default.CellCounts, cancellation);

    /// <summary>What was released of a cell, the oldest first.</summary>
    public Task<HotspotHistory> History(string cell, CancellationToken cancellation = default) => Get($"{Routes.Hotspots}/{cell}/history", WireJson.Default.HotspotHistory, cancellation);

    /// <summary>The newest first; <paramref name="active"/>: only those that have not cleared.</summary>
    public Task<AlarmsAnswer> Alarms(bool active = false, CancellationToken cancellation = default) =>
        Get(active ? $"{Routes.Alarms}?active=true" : Routes.Alarms, WireJson.Default.AlarmsAnswer, cancellation);

    /// <summary>Says that somebody has seen it.</summary>
    public async Task<AlarmAnswer> AcknowledgeAlarm(int number, string by, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Post, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Routes.Alarms}/{number}/acknowledge"));
        request.Content = JsonContent.Create(new AcknowledgeAlarm(by), WireJson.Default.AcknowledgeAlarm);
        return await Send(request, WireJson.Default.AlarmAnswer, cancellation);
    }

    public Task<AlarmRules> AlarmRules(CancellationToken cancellation = default) => Get(Routes.AlarmRules, WireJson.Default.AlarmRules, cancellation);

    /// <summary>In place of the rules there are.</summary>
    public async Task ChangeAlarmRules(AlarmRules rules, string by, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Put, $"{Routes.AlarmRules}?by={Uri.EscapeDataString(by)}");
        request.Content = JsonContent.Create(rules, WireJson.Default.AlarmRules);
        using var response = await http.SendAsync(request, cancellation);
        await Require(response, cancellation);
    }

    /// <summary>Waits until every cell has what was acknowledged. Simulation only.</summary>
    public async Task Settle(CancellationToken cancellation = default)
    {
        while ((await Get(Routes.SimulationSettle, WireJson.Default.SettleAnswer, cancellation)).Pending > 0) await Task.Delay(50, cancellation);
    }

    /// <summary>The time in the virtual city from here on. Simulation only.</summary>
    public async Task SetClock(DateTimeOffset now, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Post, Routes.SimulationClock);
        request.Content = JsonContent.Create(new SetClock(now), WireJson.Default.SetClock);
        using var response = await http.SendAsync(request, cancellation);
        await Require(response, cancellation);
    }

    public Task<RoundsAnswer> Rounds(CancellationToken cancellation = default) => Get(Routes.Rounds, WireJson.Default.RoundsAnswer, cancellation);

    public async Task<int> StartRound(StartRound start, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Post, Routes.Rounds);
        request.Content = JsonContent.Create(start, WireJson.Default.StartRound);
        return (await Send(request, WireJson.Default.StartedRound, cancellation)).Round;
    }

    public Task<DeviceAnswer> Device(string device, CancellationToken cancellation = default) =>
        Get($"{Routes.Devices}/{Uri.EscapeDataString(device)}", WireJson.Default.DeviceAnswer, cancellation);

    /// <summary>Registers devices; their credentials are told this once.</summary>
    public async Task<RegisteredDevicesAnswer> RegisterDevices(RegisterDevices devices, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Post, Routes.Devices);
        request.Content = JsonContent.Create(devices, WireJson.Default.RegisterDevices);
        return await Send(request, WireJson.Default.RegisteredDevicesAnswer, cancellation);
    }

    /// <summary>A new credential; the old one ends at once.</summary>
    public async Task<RegisteredDevicesAnswer> RotateDevice(string device, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Post, $"{Routes.Devices}/{Uri.EscapeDataString(device)}/rotate");
        return await Send(request, WireJson.Default.RegisteredDevicesAnswer, cancellation);
    }

    /// <summary>Shuts a device out: its credential does nothing any more, and its connection ends.</summary>
    public async Task RevokeDevice(string device, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Delete, $"{Routes.Devices}/{Uri.EscapeDataString(device)}");
        using var response = await http.SendAsync(request, cancellation);
        await Require(response, cancellation);
    }

    /// <summary>What a device is to do: a JSON object; answers the number that the device says when it has it.</summary>
    public async Task<int> ConfigureDevice(string device, string settings, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Put, $"{Routes.Devices}/{Uri.EscapeDataString(device)}/config");
        request.Content = new StringContent(settings, System.Text.Encoding.UTF8, "application/json");
        return (await Send(request, WireJson.Default.ConfiguredAnswer, cancellation)).Number;
    }

    /// <summary>Forgets a device: credential, status, windows, personal model, what the log knew of it.</summary>
    public async Task<ForgottenAnswer> ForgetDevice(string device, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Post, $"{Routes.Devices}/{Uri.EscapeDataString(device)}/forget");
        return await Send(request, WireJson.Default.ForgottenAnswer, cancellation);
    }

    /// <summary>What operators did, newest first.</summary>
    public Task<AuditAnswer> Audit(CancellationToken cancellation = default) => Get(Routes.Audit, WireJson.Default.AuditAnswer, cancellation);

    public Task<DevicesAnswer> RegisteredDevices(CancellationToken cancellation = default) => Get(Routes.Devices, WireJson.Default.DevicesAnswer, cancellation);

    public Task<DeadLettersAnswer> DeadLetters(CancellationToken cancellation = default) => Get(Routes.DeadLetters, WireJson.Default.DeadLettersAnswer, cancellation);

    public Task<IngestStatusAnswer> Ingest(CancellationToken cancellation = default) => Get(Routes.Ingest, WireJson.Default.IngestStatusAnswer, cancellation);

    public Task<ModelsAnswer> Models(CancellationToken cancellation = default) => Get(Routes.Models, WireJson.Default.ModelsAnswer, cancellation);

    public async Task<ReleaseAnswer> ChangeRelease(ChangeRelease change, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Post, Routes.Release);
        request.Content = JsonContent.Create(change, WireJson.Default.ChangeRelease);
        return await Send(request, WireJson.Default.ReleaseAnswer, cancellation);
    }

    /// <summary>A version's weights, float32 little-endian.</summary>
    public async Task<byte[]> Weights(string hash, CancellationToken cancellation = default)
    {
        using var request = Request(HttpMethod.Get, $"{Routes.Models}/{hash}");
        using var response = await http.SendAsync(request, cancellation);
        await Require(response, cancellation);
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    private async Task<T> Get<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using var request = Request(HttpMethod.Get, path);
        return await Send(request, type, cancellation);
    }

    private async Task<T> Send<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using var response = await http.SendAsync(request, cancellation);
        await Require(response, cancellation);
        return await response.Content.ReadFromJsonAsync(type, cancellation) ?? throw new CitySafeException((int)response.StatusCode, "an empty answer");
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        if (operatorToken is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", operatorToken);
        return request;
    }

    private static async Task Require(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode) return;
        var text = await response.Content.ReadAsStringAsync(cancellation);
        string? error = null;
        try
        {
            error = System.Text.Json.JsonSerializer.Deserialize(text, WireJson.Default.ErrorAnswer)?.Error;
        }
        catch (System.Text.Json.JsonException)
        {
            // not one of the silo's own answers: the status says all there is
        }
        throw new CitySafeException((int)response.StatusCode, error ?? response.ReasonPhrase ?? "no reason given");
    }
}

/// <summary>The silo refused; the message is its own.</summary>
public sealed class CitySafeException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;
}
