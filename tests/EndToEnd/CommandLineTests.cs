using System.Text.Json.Nodes;
using CitySafeSense.Tests.Mqtt;

namespace CitySafeSense.EndToEnd;

/// <summary>The program as a user runs it: what it prints where, and its exit codes.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("data info missing.npz", 2, "FILE missing.npz: there is no such file")]
    [InlineData("data synth --out no/such/folder/w.csv", 2, "make it first")]
    [InlineData("data synth --people many", 2, "--people many: a whole number is needed")]
    [InlineData("data synth --people", 2, "--people: a value is needed, a whole number")]
    [InlineData("train --out m --optimiser newton", 2, "--optimiser newton: sgd, adam, adam-w are the choices")]
    [InlineData("train", 2, "--out is needed: Folder to write the model to.")]
    [InlineData("train --out m --resume", 1, "begin without --resume")]
    [InlineData("dmeo", 2, "citysafe has no verb \"dmeo\"; did you mean demo?")]
    [InlineData("simulate", 2, "citysafe simulate needs a verb: ")]
    [InlineData("devices lst", 2, "citysafe devices has no verb \"lst\"; did you mean list?")]
    [InlineData("alarms acknowledge seven", 2, "NUMBER seven: a whole number is needed")]
    [InlineData("demo --device 3", 2, "there is no --device here; did you mean --devices?")]
    [InlineData("serve --privacy none", 2, "--privacy none: production, simulation are the choices")]
    [InlineData("serve --rounds-every 1", 2, "5 seconds to a week")]
    [InlineData("devices list --token missing", 2, "--token: there is no file missing")]
    [InlineData("devices list --target nowhere", 2, "--target nowhere: an address such as http://127.0.0.1:8080")]
    [InlineData("devices list --target http://127.0.0.1:1", 1, "is a silo running there?")]
    [InlineData("simulate city --target nowhere", 2, "http://127.0.0.1:8080")]
    [InlineData("simulate city --target http://127.0.0.1:1", 2, "give --token FILE, or CITYSAFE_TOKEN")]
    [InlineData("simulate city --devices 0", 2, "devices must be 1 to 100000")]
    [InlineData("serve --listen 0.0.0.0:0 --data DATA", 2, "--certificate")]
    [InlineData("serve --listen here", 2, "127.0.0.1:8080")]
    [InlineData("demo --nonsense", 2, "--nonsense")]
    public async Task Misuse_is_one_clear_line_on_stderr(string arguments, int code, string says)
    {
        var run = await Citysafe.Run(folder, arguments.Replace("DATA", folder).Split(' '));
        Assert.Equal(code, run.Code);
        Assert.Contains(says, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.InRange(run.Error.Trim().Split('\n').Length, 1, 2);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task Failed_start_is_one_line_and_leaves_no_broker_behind()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var run = await Citysafe.Run(folder, "serve", "--privacy", "simulation", "--data", folder, "--listen", $"{taken.LocalEndpoint}");
        Assert.Equal(1, run.Code);
        // The last line: Orleans logs a start that failed in its own words before it.
        Assert.Equal($"citysafe: --listen {taken.LocalEndpoint}: another program listens there; stop it, or choose another address, such as 127.0.0.1:0 for a free port", run.Error.Trim().Split('\n')[^1]);
#if !ORLEANS
        Assert.DoesNotContain("   at ", run.Error);
#endif
        var configuration = Path.Combine(folder, "broker", "mosquitto.conf");
        var left = Directory.GetDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _) && Commands(p).Contains(configuration));
        Assert.Empty(left);

        static string Commands(string process)
        {
            try
            {
                return File.ReadAllText(Path.Combine(process, "cmdline"));
            }
            catch (IOException)
            {
                return ""; // it has ended
            }
        }
    }

    /// <summary>In a checkout without build results, with a PATH that has no dotnet.</summary>
    [Fact]
    public async Task Help_of_the_launcher_needs_no_build()
    {
        var launcher = Path.Combine(Repository(), "citysafe");
        File.Copy(launcher, Path.Combine(folder, "citysafe"));
        foreach (var option in new[] { "--help", "-h", "demo --help" })
        {
            var start = new System.Diagnostics.ProcessStartInfo("/bin/bash", $"{Path.Combine(folder, "citysafe")} {option}") { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["PATH"] = "/usr/bin:/bin";
            start.Environment.Remove("DOTNET_ROOT");
            using var process = System.Diagnostics.Process.Start(start)!;
            var help = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
            // It names every verb of the program.
            string[] verbs = [.. (await Citysafe.Run(folder, "--help")).Output.Split("Commands:")[1].Split('\n').Where(l => l.StartsWith("  ", StringComparison.Ordinal) && l.Length > 2 && char.IsLetter(l[2])).Select(l => l.Trim().Split(' ')[0])];
            Assert.InRange(verbs.Length, 15, 40);
            Assert.All(verbs, verb => Assert.Contains(verb, help));
        }
        Assert.Equal(["citysafe"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }

    private static string Repository()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "CitySafeSense.sln"))) return at.FullName;
        throw new DirectoryNotFoundException("these tests do not run in a checkout");
    }

    [Fact]
    public async Task Damaged_data_folder_names_the_database()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "cells.db"), string.Concat(Enumerable.Repeat("no database ", 1000)));
        var run = await Citysafe.Run(folder, "serve", "--data", folder, "--listen", "127.0.0.1:0");
        Assert.Equal(1, run.Code);
        Assert.Contains("cells.db", run.Error);
    }

    [Fact]
    public async Task Synthetic_data_are_the_same_for_a_seed_and_written_whole()
    {
        var file = Path.Combine(folder, "w.csv");
        Assert.Equal(0, (await Citysafe.Run(folder, "data", "synth", "--people", "2", "--windows", "3", "--seed", "9", "--out", file)).Code);
        var piped = await Citysafe.Run(folder, "data", "synth", "--people", "2", "--windows", "3", "--seed", "9");
        Assert.Equal(await File.ReadAllTextAsync(file), piped.Output);
        Assert.Equal(1 + 2 * 3 * 100, piped.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public async Task Killed_silo_keeps_what_it_acknowledged()
    {
        var run = await Citysafe.Run(folder, "verify", "restart", "--kills", "2", "--devices", "150", "--json");
        Assert.True(run.Code == 0, run.Output + run.Error);
        var answer = JsonNode.Parse(run.Output)!;
        Assert.Equal(0, (long)answer["violations"]!);
        Assert.True((long)answer["acknowledged"]! > 500, run.Output);
    }

    [Theory]
    [InlineData("AckBeforeCommit", "lost")]
    [InlineData("NoDedupe", "double")]
    public async Task Planted_fault_is_found(string plant, string figure)
    {
        var run = await Citysafe.Run(folder, "verify", "restart", "--kills", "3", "--devices", "150", "--plant", plant, "--json");
        Assert.Equal(1, run.Code);
        Assert.True((long)JsonNode.Parse(run.Output)![figure]! > 0, run.Output);
    }

    [BrokerFact]
    public async Task Killed_silo_and_broker_keep_what_devices_were_told()
    {
        var run = await Citysafe.Run(folder, "verify", "ingest", "--kills", "silo:1,broker:1,both:1", "--devices", "60", "--rate", "200", "--json");
        Assert.True(run.Code == 0, run.Output + run.Error);
        Assert.True((long)JsonNode.Parse(run.Output)!["acknowledged"]! > 100, run.Output);
    }

    [BrokerFact]
    public async Task Device_that_is_taken_for_its_last_boot_is_found()
    {
        var run = await Citysafe.Run(folder, "verify", "ingest", "--kills", "silo:1", "--devices", "60", "--rate", "200", "--plant", "lost-epoch", "--json");
        Assert.Equal(1, run.Code);
        Assert.True((long)JsonNode.Parse(run.Output)!["lost"]! > 0, run.Output);
    }

    [Fact]
    public async Task Storage_keeps_what_it_acknowledged_when_its_process_is_killed()
    {
        var run = await Citysafe.Run(folder, "verify", "storage", "--kills", "4", "--writes", "4000", "--json");
        Assert.True(run.Code == 0, run.Output + run.Error);
        var answer = JsonNode.Parse(run.Output)!;
        Assert.Equal((0, 0), ((int)answer["lost"]!, (int)answer["half_written"]!));
        Assert.True((long)answer["acknowledged"]! >= 4000);
    }

    [Fact]
    public async Task Storage_that_acknowledges_before_it_commits_is_found()
    {
        var run = await Citysafe.Run(folder, "verify", "storage", "--kills", "4", "--writes", "4000", "--plant", "ack-before-commit", "--json");
        Assert.Equal(1, run.Code);
        Assert.True((long)JsonNode.Parse(run.Output)!["lost"]! > 0);
    }
}
