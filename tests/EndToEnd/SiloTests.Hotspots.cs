using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;
using CitySafeSense.Sensing;
using CitySafeSense.Silo;
using CitySafeSense.Wire;

namespace CitySafeSense.EndToEnd;

/// <summary>What is out of the ordinary, over HTTP and on the command line.</summary>
public sealed partial class SiloTests
{
    [Fact]
    public async Task Harm_in_one_cell_is_an_anomaly_an_alarm_and_a_line_on_the_command_line()
    {
        var cells = H3.GridDisk(new CellId(Se), 1).ToArray();
        for (var bin = 0; bin < 3; bin++)
        {
            var at = noon.AddMinutes(5 * bin + 1);
            await Clock(at);
            await SendEvents(cells.SelectMany((cell, i) => Enumerable.Range(0, 40).Select(p => EventOf($"phone-{i}-{p}", at.AddMilliseconds(p), cell, i == 3 && bin > 0 && p < 30 ? ActivityClass.Mugging : ActivityClass.Walking))));
            await Operator().Settle();
        }
        await Clock(noon.AddMinutes(17));
        var hot = cells[3].ToString();
        var answer = await Operator().Hotspots();
        Assert.Equal((hot, "incidents"), (answer.Anomalies[0].Cell, answer.Anomalies[0].Kind));
        Assert.Equal(noon.AddMinutes(5), answer.Anomalies[0].Since);
        Assert.Equal(hot, answer.Cells[0].Cell);
        Assert.Empty((await Operator().Hotspots("-10,-10,-9,-9")).Anomalies);
        Assert.Equal(3, (await Operator().History(hot)).Bins.Count);
        var alarm = Assert.Single((await Operator().Alarms(active: true)).Alarms);
        Assert.Equal(("open", hot, null), (alarm.State, alarm.Cells[0], alarm.AcknowledgedBy));

        var list = await Cli("hotspots", "list", "--top", "1");
        Assert.Contains($"{hot}", list.Output);
        Assert.Contains("incidents: 30 where", list.Output);
        Assert.Contains("40 contributors", (await Cli("hotspots", "show", hot)).Output);
        Assert.Equal(3, JsonNode.Parse((await Cli("hotspots", "history", hot, "--json")).Output)!["bins"]!.AsArray().Count);
        Assert.Contains("alarm 1 open: incidents", (await Cli("hotspots", "watch", "--for", "0.5", "--every", "0.2")).Output);
        var seen = await Cli("alarms", "acknowledge", "1", "--by", "ana", "--token", OperatorFile);
        Assert.Contains("alarm 1 acknowledged", seen.Output);
        Assert.Contains("by ana", (await Cli("alarms", "acknowledge", "1", "--token", OperatorFile)).Error);
        Assert.Contains("ana", (await Operator().Alarms()).Alarms[0].AcknowledgedBy!);
        Assert.Null((await new Sdk.CitySafeClient(http).Alarms()).Alarms[0].AcknowledgedBy); // who it was is for operators
        Assert.Equal("acknowledge-alarm", (await Operator().Audit()).Entries[0].Action);
    }

    [Fact]
    public async Task Rules_go_to_a_file_and_come_back_and_wrong_ones_are_refused_by_name()
    {
        var file = Path.Combine(folder, "rules.json");
        Assert.Equal(0, (await Cli("alarms", "rules", "export", file)).Code);
        var rules = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        rules["rules"]![0]!["raise"] = 7.5;
        await File.WriteAllTextAsync(file, rules.ToJsonString());
        Assert.Equal(0, (await Cli("alarms", "rules", "import", file, "--by", "ana", "--token", OperatorFile)).Code);
        Assert.Equal(7.5, (await Operator().AlarmRules()).Rules[0].Raise);
        foreach (var (text, says) in new[] { ("{\"rules\":[{\"name\":\"x\",\"kinds\":[\"riot\"],\"raise\":4,\"clear\":2}]}", "riot"), ("{}", "rules"), ("nonsense", "rules.json"), ("{\"rules\":[{\"name\":\"x\",\"kinds\":[\"crowd\"],\"raise\":1,\"clear\":2}]}", "clear must be") })
        {
            await File.WriteAllTextAsync(file, text);
            var refused = await Cli("alarms", "rules", "import", file, "--token", OperatorFile);
            Assert.NotEqual(0, refused.Code);
            Assert.Contains(says, refused.Error);
        }
        Assert.Equal(7.5, (await Operator().AlarmRules()).Rules[0].Raise);
        Assert.Contains("token", (await Cli("alarms", "rules", "import", file)).Error, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("hotspots show 89a8100c02fffff", "nothing of 89a8100c02fffff")]
    [InlineData("hotspots history nowhere", "no H3 cell")]
    [InlineData("hotspots list --top 0", "--top must be")]
    [InlineData("hotspots watch --every 0", "--every must be")]
    [InlineData("alarms acknowledge 9", "token")]
    public async Task Hotspot_verbs_say_what_is_wrong(string arguments, string says)
    {
        var run = await Cli(arguments.Split(' '));
        Assert.NotEqual(0, run.Code);
        Assert.Contains(says, run.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("", run.Output);
    }

    /// <summary>Devices of one owner are one contributor, whatever they are.</summary>
    [Fact]
    public async Task Twenty_devices_of_one_owner_are_one_contributor()
    {
        var credentials = (await Operator().RegisterDevices(new RegisterDevices([.. Enumerable.Range(0, 20).Select(i => new DeviceToRegister($"own-{i}", Owner: "ana"))]))).Credentials;
        foreach (var c in credentials)
            await SendEvents([EventOf(c.Device, DateTimeOffset.UtcNow, new CellId(Se), ActivityClass.Walking)], new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{c.Device}:{c.Password}"))));
        await Operator().Settle();
        Assert.Equal((20, 1), ((await Operator().Counts(new CellId(Se).ToString())).Bins.Sum(b => b.Windows), (await Operator().Counts(new CellId(Se).ToString())).Bins.Max(b => b.Contributors)));
        Assert.Equal("ana", (await Operator().RegisteredDevices()).Devices[0].Owner);
    }

    /// <summary>Exact counts of real devices: only where the silo was told so, said to be not private, and never unseen.</summary>
    [Fact]
    public async Task Operator_looks_at_exact_counts_of_real_devices_and_the_audit_says_so()
    {
        await Stop();
        Directory.Delete(folder, recursive: true);
        await Start(PrivacyMode.Production, operatorCounts: true);
        await SendEvents([EventOf("phone-1", DateTimeOffset.UtcNow, new CellId(Se), ActivityClass.Walking)]);
        CellCounts counts;
        do counts = await Operator().Counts(new CellId(Se).ToString());
        while (counts.Counted < 1);
        Assert.Equal((false, false, 1), (counts.Synthetic, counts.Private, counts.Bins[^1].Contributors));
        Assert.Equal(("look-at-counts", $"exact counts of {new CellId(Se)}"), ((await Operator().Audit()).Entries[0].Action, (await Operator().Audit()).Entries[0].Detail));
        Assert.Equal(401, (await Assert.ThrowsAsync<Sdk.CitySafeException>(() => new Sdk.CitySafeClient(http).Counts(new CellId(Se).ToString()))).Status);
    }

    private static readonly DateTimeOffset noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private string OperatorFile => Path.Combine(folder, "keys", Keys.OperatorTokenFile);

    private Task<(int Code, string Output, string Error)> Cli(params string[] arguments) => Citysafe.Run(folder, [.. arguments, "--target", http.BaseAddress!.ToString()]);

    private async Task SendEvents(IEnumerable<string> events, System.Net.Http.Headers.AuthenticationHeaderValue? who = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Routes.Events) { Content = new StringContent($"[{string.Join(',', events)}]", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = who ?? new("Bearer", Token(Keys.IngestTokenFile));
        using var response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(System.Text.Json.JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(), WireJson.Default.IngestAnswer)!.Rejected);
    }

    private static string EventOf(string device, DateTimeOffset at, CellId cell, ActivityClass activity) =>
        Encoding.UTF8.GetString(DeviceEventJson.Encode(new DeviceEvent(device, at.ToUnixTimeMilliseconds(), activity, 0.9f, default, cell.Value)));
}
