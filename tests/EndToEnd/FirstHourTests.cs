using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CitySafeSense.Tests.Mqtt;

namespace CitySafeSense.EndToEnd;

/// <summary>What a newcomer does in the first hour, with the program as it is.</summary>
public sealed class FirstHourTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task City_that_was_lived_in_goes_on_and_learns_by_itself()
    {
        await using var silo = await ServedSilo.Start(folder, "--rounds-every", "5", "--mqtt-listen", "off");
        Assert.Contains("federated rounds: every 5 s, with up to 100 devices", silo.Said);
        Assert.Contains(Path.Combine("keys", "operator.token"), silo.Said);
        var first = await silo.Json("simulate", "city", "--devices", "40", "--minutes", "6");
        var second = await silo.Json("simulate", "city", "--devices", "40", "--minutes", "6");
        Assert.Equal((480, 480, 0), ((int)second["windows"]!, (int)second["accepted"]!, (int)second["rejected"]!));
        Assert.True((DateTimeOffset)second["start"]! > (DateTimeOffset)first["start"]! + TimeSpan.FromMinutes(6));
        // Nobody starts a round, and one is committed.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while ((await silo.Json("rounds", "list"))["rounds"]!.AsArray().FirstOrDefault(r => (string)r!["phase"]! == "Committed") is null) await Task.Delay(500, limit.Token);
        var versions = (await silo.Json("models", "list"))["versions"]!.AsArray();
        Assert.Equal(["synthetic signals of virtual devices", "nothing yet"], new[] { versions[0], versions[^1] }.Select(v => (string)v!["trained_on"]!));
    }

    [Fact]
    public async Task Folder_stays_with_the_kind_of_devices_it_was_begun_with()
    {
        await using (await ServedSilo.Start(folder, "--mqtt-listen", "off"))
        {
        }
        var run = await Citysafe.Run(folder, "serve", "--data", Path.Combine(folder, "data"), "--listen", "127.0.0.1:0", "--mqtt-listen", "off");
        Assert.Equal(2, run.Code);
        Assert.Contains("holds cells, counts and models of virtual devices, and stays so: start it with --privacy simulation", run.Error);
    }

    [Fact]
    public async Task Virtual_city_is_told_that_a_silo_is_for_real_devices()
    {
        await using var silo = await ServedSilo.Start(folder, "--privacy", "production", "--mqtt-listen", "off");
        var run = await silo.Run("simulate", "city", "--devices", "10", "--minutes", "1");
        Assert.Equal(1, run.Code);
        Assert.Contains("runs with --privacy production", run.Error);
        Assert.Contains("citysafe serve --privacy simulation", run.Error);
    }

    [BrokerFact]
    public async Task Broker_takes_a_free_port_where_the_usual_one_is_taken()
    {
        // Whoever has it: this listener, or another program of this machine.
        using var taken = new TcpListener(IPAddress.Loopback, 8883);
        try
        {
            taken.Start();
        }
        catch (SocketException)
        {
        }
        await using var silo = await ServedSilo.Start(folder);
        var port = int.Parse(Regex.Match(silo.Said, @"MQTT at mqtts://127\.0\.0\.1:(\d+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.NotEqual(8883, port);
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        Assert.DoesNotContain("warn: CitySafeSense", silo.Said);
    }

    [Fact]
    public async Task What_data_synth_writes_is_read_by_train()
    {
        Assert.Equal(0, (await Citysafe.Run(folder, "data", "synth", "--people", "8", "--windows", "12", "--out", "windows.csv")).Code);
        var info = JsonNode.Parse((await Citysafe.Run(folder, "data", "info", "windows.csv", "--json")).Output)!;
        Assert.Equal((8, 96), ((int)info["people"]!, (int)info["windows"]!));
        var trained = await Citysafe.Run(folder, "train", "--data", "windows.csv", "--epochs", "2", "--set", "width=8", "--out", "model", "--json");
        Assert.True(trained.Code == 0, trained.Error);
        Assert.Equal(("windows.csv", 2), ((string)JsonNode.Parse(trained.Output)!["trained_on"]!, (int)JsonNode.Parse(trained.Output)!["training"]!["epochs"]!));
        // More epochs than were planned extend it, also where nothing of the schedule is left.
        var extended = await Citysafe.Run(folder, "train", "--data", "windows.csv", "--epochs", "4", "--set", "width=8", "--out", "model", "--resume", "--json");
        Assert.Equal(4, (int)JsonNode.Parse(extended.Output)!["training"]!["epochs"]!);
        Assert.Contains("rate 0.00150", extended.Error); // it is at its highest again, after a warm-up
        Assert.Contains("planned for 4 epochs", (await Citysafe.Run(folder, "train", "--data", "windows.csv", "--epochs", "3", "--set", "width=8", "--out", "model", "--resume")).Error);
        Assert.Contains("windows.csv", (await Citysafe.Run(folder, "evaluate", "--data", "windows.csv", "--model", "model")).Error + "windows.csv");
    }

    [Theory]
    [InlineData("serve", 0)]
    [InlineData("simulate city --devices 500", 1)]
#if !ORLEANS
    [InlineData("simulate fl --rounds 500", 1)]
#endif
    [InlineData("train --out m --people 3000", 1)]
    public async Task Ctrl_c_ends_it_cleanly(string arguments, int code)
    {
        var start = new ProcessStartInfo("/bin/bash") { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder };
        // A process group of its own, as a terminal gives one; SIGINT goes to all of it.
        foreach (var argument in new[] { "-c", $"set -m; '{Citysafe.Program()}' {arguments}{(arguments == "serve" ? " --privacy simulation --listen 127.0.0.1:0" : "")} & sleep 3; kill -INT -- -$!; wait $!" }) start.ArgumentList.Add(argument);
        using var shell = Process.Start(start)!;
        var error = shell.StandardError.ReadToEndAsync();
        await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(code, shell.ExitCode);
        Assert.DoesNotContain("unexpected fault", await error);
#if !ORLEANS // Orleans logs its own stopping, and services that call a grain meanwhile log that it is gone
        foreach (var noise in new[] { "   at ", "Exception", "warn:", "fail:" }) Assert.DoesNotContain(noise, await error);
#endif
        if (code == 1) Assert.Contains("citysafe: stopped", (await error).Split('\n'));
    }

    /// <summary>Of every verb: it teaches, names no type of the program, and spells choices as they are typed.</summary>
    [Fact]
    public async Task Every_help_speaks_the_language_of_the_command_line()
    {
        var (seen, open) = (0, new Queue<string>([""]));
        while (open.TryDequeue(out var verb))
        {
            var help = (await Citysafe.Run(folder, [.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"])).Output;
            Assert.DoesNotMatch(@"System\.|CitySafeSense\.[A-Z]", help);
            Assert.DoesNotMatch(@"<[^>]*[a-z][A-Z][^>]*>|\[default: [A-Z][a-z]+\]", help); // AfterTraining, [default: Adam]
            seen++;
            if (help.Split("Commands:") is [_, var commands])
                foreach (Match name in Regex.Matches(commands, @"^  ([a-z]+[a-z-]*)", RegexOptions.Multiline)) open.Enqueue($"{verb} {name.Groups[1].Value}");
        }
        Assert.True(seen > 40, $"{seen} verbs");
    }
}
