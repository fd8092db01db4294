using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;
using CitySafeSense.Load;
using CitySafeSense.Sdk;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;
using CitySafeSense.Silo;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace CitySafeSense.EndToEnd;

/// <summary>A whole silo on a free port with a folder of its own, called as anybody would.</summary>
public sealed partial class SiloTests : IAsyncLifetime
{
    private static readonly ulong Se = H3.LatLngToCell(new(-23.5505, -46.6333), 9).Value;
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;
    private WebApplication app = null!;
    private HttpClient http = null!;

    public Task InitializeAsync() => Start(PrivacyMode.Simulation);

    public async Task DisposeAsync()
    {
        await Stop();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Health_names_the_runtime_and_the_privacy_mode()
    {
        var health = await new CitySafeClient(http).Health();
        Assert.Equal(("ok", "simulation"), (health.Status, health.Privacy));
        Assert.Contains(health.Runtime, (string[])["embedded", "orleans"]);
    }

    [Fact]
    public async Task Accepted_window_is_in_its_cell_after_a_restart_and_sent_again_is_a_duplicate()
    {
        byte[][] frames = [.. Enumerable.Range(1, 30).Select(i => Frame("phone-1", (ulong)i))];
        var first = await Post(frames);
        Assert.Equal((30, 0, 0), (first.Accepted, first.Duplicates, first.Rejected.Count));
        await Stop();
        await Start(PrivacyMode.Simulation);
        var again = await Post(frames);
        Assert.Equal((0, 30), (again.Accepted, again.Duplicates));
        await Operator().Settle();
        Assert.Equal(30, (await Operator().Counts(new CellId(Se).ToString())).Counted);
    }

    [Fact]
    public async Task Bad_windows_are_refused_one_by_one_and_the_good_ones_taken()
    {
        var wrongShape = Frame("phone-2", 1);
        wrongShape[36] = 9;
        var notANumber = Frame("phone-2", 2);
        BitConverter.TryWriteBytes(notANumber.AsSpan(notANumber.Length - 4000), float.NaN);
        var nowhere = Frame("phone-2", 3, cell: 42);
        var answer = await Post([wrongShape, notANumber, nowhere, Frame("phone-2", 4)]);
        Assert.Equal(1, answer.Accepted);
        Assert.Equal([(0, "bad_shape"), (1, "bad_value"), (2, "bad_cell")], answer.Rejected.Select(r => (r.Index, r.Reason)));
    }

    [Theory]
    [InlineData(0, "no window")]
    [InlineData(3, "within its length")]
    [InlineData(40, "bytes are promised")]
    public async Task Body_that_is_no_batch_is_refused_whole(int length, string reason)
    {
        var body = new byte[length];
        if (length > 4) BinaryPrimitives.WriteUInt32LittleEndian(body, 4000);
        using var response = await Send(body, Token(Keys.IngestTokenFile));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(reason, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Random_bodies_are_refused_and_the_silo_stays_up()
    {
        var random = new Random(4);
        for (var i = 0; i < 200; i++)
        {
            var body = new byte[random.Next(1, 9000)];
            random.NextBytes(body);
            if (i % 2 == 0) BinaryPrimitives.WriteUInt32LittleEndian(body.Length > 4 ? body : body = new byte[8], (uint)(body.Length - 4));
            using var response = await Send(body, Token(Keys.IngestTokenFile));
            Assert.True((int)response.StatusCode < 500, $"body {i}: {response.StatusCode}");
        }
        Assert.Equal("ok", (await new CitySafeClient(http).Health()).Status);
    }

    [Fact]
    public async Task Without_the_right_token_nothing_goes_in_and_nothing_private_comes_out()
    {
        using var anonymous = await Send([1], null);
        using var wrong = await Send([1], "0000");
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (anonymous.StatusCode, wrong.StatusCode));
        var device = new CitySafeClient(http, Token(Keys.IngestTokenFile)); // may send, may not operate
        Assert.Equal(401, (await Assert.ThrowsAsync<CitySafeException>(() => device.Device("phone-1"))).Status);
        Assert.Equal(401, (await Assert.ThrowsAsync<CitySafeException>(() => device.StartRound(new StartRound("fedavg", 1, 1)))).Status);
        Assert.Equal(401, (await Assert.ThrowsAsync<CitySafeException>(() => device.Counts(new CellId(Se).ToString()))).Status);
        await new CitySafeClient(http).Hotspots(); // public
    }

    [Fact]
    public async Task Twelve_people_show_when_the_bin_closes_and_nine_do_not()
    {
        var noon = new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
        var quiet = H3.GridDisk(new CellId(Se), 5)[^1];
        await Post([.. Enumerable.Range(0, 12).Select(p => Frame($"phone-{p}", 1)), .. Enumerable.Range(20, 9).Select(p => Frame($"phone-{p}", 1, quiet.Value))]);
        await Operator().Settle();
        Assert.Empty((await new CitySafeClient(http).Hotspots()).Cells);
        await Clock(noon.AddMinutes(7));
        var shown = await new CitySafeClient(http).Hotspots();
        Assert.True(shown.Synthetic);
        Assert.Equal((new CellId(Se).ToString(), 12), shown.Cells.Select(c => (c.Cell, c.Contributors!.Value)).Single());
        Assert.Equal(1, shown.SuppressedCells);
        Assert.Single((await new CitySafeClient(http).Hotspots("-23.6,-46.7,-23.5,-46.6")).Cells);
        Assert.Empty((await new CitySafeClient(http).Hotspots("40,-4,41,-3")).Cells);
        using var one = await http.GetAsync($"{Routes.Hotspots}/{quiet}");
        Assert.Equal(HttpStatusCode.NotFound, one.StatusCode);
        var late = await Post([Frame("phone-50", 1)]);
        Assert.Equal("too_late", late.Rejected.Single().Reason);
    }

    [Theory]
    [InlineData("/api/v1/hotspots?bbox=1,2,3")]
    [InlineData("/api/v1/hotspots?bbox=5,0,1,9")]
    [InlineData("/api/v1/hotspots?bbox=a,b,c,d")]
    [InlineData("/api/v1/hotspots/nonsense")]
    public async Task Bad_query_says_what_is_needed(string path)
    {
        using var response = await http.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotEmpty((await response.Content.ReadFromJsonAsync(WireJson.Default.ErrorAnswer))!.Error);
    }

    [Fact]
    public async Task City_runs_learns_and_serves_its_model()
    {
        var options = new LoadOptions { Target = http.BaseAddress!, OperatorToken = Token(Keys.OperatorTokenFile), Devices = 60, Minutes = 12, Seed = 5 };
        using var own = new HttpClient();
        var report = await new LoadGenerator(options, own).Run(null, CancellationToken.None);
        Assert.Equal((1440, 1440, 0), (report.Windows, report.Accepted, report.Rejected));
        var client = Operator();
        var round = await client.StartRound(new StartRound("fedala", 20, 5, OverSelection: 1));
        RoundAnswer status;
        do
        {
            await Task.Delay(50);
            status = (await client.Rounds()).Rounds.Single(r => r.Round == round);
        }
        while (status.Ended is null);
        Assert.Equal(("Committed", 20), (status.Phase, status.Reported));
        var current = (await client.Models()).Versions[0];
        Assert.Equal((2, status.Outcome), (current.Version, current.Hash));
        Assert.Equal(current.Hash, Learning.ParameterVector.FromBytes(await client.Weights(current.Hash)).Hash);
        var devices = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => client.Device($"virtual-5-{i:D5}")));
        Assert.Equal(20, devices.Count(d => d.PersonalModel is not null));
        Assert.Equal(404, (await Assert.ThrowsAsync<CitySafeException>(() => client.Weights(devices.First(d => d.PersonalModel is not null).PersonalModel!))).Status);
        Assert.Equal(400, (await Assert.ThrowsAsync<CitySafeException>(() => client.StartRound(new StartRound("fedsomething", 20, 5)))).Status);
    }

    [Fact]
    public async Task Production_refuses_labels_and_shows_no_exact_count()
    {
        await Stop();
        Directory.Delete(folder, recursive: true);
        await Start(PrivacyMode.Production);
        var answer = await Post([Frame("phone-1", 1)]);
        Assert.Equal("label_refused", answer.Rejected.Single().Reason);
        Assert.Equal(403, (await Assert.ThrowsAsync<CitySafeException>(() => Operator().Counts(new CellId(Se).ToString()))).Status);
        Assert.Empty((await new CitySafeClient(http).Hotspots()).Cells);
        Assert.Equal(401, (await Assert.ThrowsAsync<CitySafeException>(() => new CitySafeClient(http).Rounds())).Status);
        Assert.Contains("at least 10", (await Assert.ThrowsAsync<CitySafeException>(() => Operator().StartRound(new StartRound("fedavg", 5, 1)))).Message);
        using var clock = await http.PostAsJsonAsync(Routes.SimulationClock, new SetClock(DateTimeOffset.UnixEpoch), WireJson.Default.SetClock);
        Assert.Equal(HttpStatusCode.NotFound, clock.StatusCode);
    }

    [Fact]
    public async Task No_device_id_is_in_the_stores_of_ingest_and_cells()
    {
        await Post([.. Enumerable.Range(0, 40).Select(p => Frame($"planted-device-{p}", 1))]);
        await Operator().Settle();
        await Stop();
        foreach (var file in Directory.GetFiles(folder).Where(f => !Path.GetFileName(f).StartsWith("devices", StringComparison.Ordinal)))
            Assert.True((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf("planted-device"u8) < 0, $"{file} holds a device id");
        await Start(PrivacyMode.Simulation);
    }

    [Fact]
    public void Second_silo_on_one_data_folder_is_refused() =>
        Assert.Contains("another silo", Assert.Throws<IOException>(() => SiloHost.Build(new SiloOptions { DataFolder = folder, Listen = new(IPAddress.Loopback, 0) })).Message);

    [Fact]
    public void Listening_beyond_this_machine_needs_a_certificate() =>
        Assert.Contains("--certificate", Assert.Throws<ArgumentException>(() => SiloHost.Build(new SiloOptions { DataFolder = folder, Listen = new(IPAddress.Any, 0) })).Message);

    private async Task Start(PrivacyMode privacy, string? postgres = null, bool operatorCounts = false)
    {
        app = SiloHost.Build(new SiloOptions { DataFolder = folder, Listen = new(IPAddress.Loopback, 0), City = new CityOptions { Privacy = privacy }, Workers = 2, Postgres = postgres, OperatorCounts = operatorCounts });
        await app.StartAsync();
        await SiloHost.Resume(app.Services);
        http = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    private async Task Stop()
    {
        http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private CitySafeClient Operator() => new(http, Token(Keys.OperatorTokenFile));

    private string Token(string file) => File.ReadAllText(Path.Combine(folder, "keys", file)).Trim();

    private async Task Clock(DateTimeOffset now)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Routes.SimulationClock) { Content = JsonContent.Create(new SetClock(now), WireJson.Default.SetClock) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(Keys.OperatorTokenFile));
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    internal static byte[] Batch(IReadOnlyList<byte[]> frames)
    {
        using var body = new MemoryStream();
        foreach (var frame in frames)
        {
            body.Write(BitConverter.GetBytes(frame.Length));
            body.Write(frame);
        }
        return body.ToArray();
    }

    private async Task<IngestAnswer> Post(IReadOnlyList<byte[]> frames)
    {
        using var response = await Send(Batch(frames), Token(Keys.IngestTokenFile));
        if (response.StatusCode != HttpStatusCode.UnprocessableEntity) response.EnsureSuccessStatusCode(); // all were refused, and the body says why
        return (await response.Content.ReadFromJsonAsync(WireJson.Default.IngestAnswer))!;
    }

    private async Task<HttpResponseMessage> Send(byte[] body, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Routes.Windows) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(Routes.WindowFrames);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.SendAsync(request);
    }

    private static byte[] Frame(string device, ulong sequence, ulong? cell = null)
    {
        var noon = new DateTimeOffset(2026, 3, 2, 12, 0, 30, TimeSpan.Zero);
        var window = SyntheticPeople.Draw(1, 0, 1)[0].Window;
        return WindowFrame.Encode(new WindowHeader(device, 1, sequence, noon.ToUnixTimeMilliseconds(), cell ?? Se, 2, (byte)ActivityClass.Walking), window);
    }
}
