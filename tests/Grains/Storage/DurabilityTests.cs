using System.Diagnostics;
using CitySafeSense.Storage;

namespace CitySafeSense.Tests.Storage;

/// <summary>Runs where strace is installed and may be used; the gate installs it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TracedFactAttribute : FactAttribute
{
    public TracedFactAttribute()
    {
        if (!DurabilityTests.CanTrace) Skip = "strace is not installed, or may not trace here";
    }
}

/// <summary>Acknowledged is durable: seen from outside the process, by its system calls.</summary>
public sealed class DurabilityTests
{
    private const int Groups = 40;

    /// <summary>What the traced process writes when a group is acknowledged.</summary>
    public const string Acknowledgement = "acknowledged-group";

    public static bool CanTrace { get; } = Try();

    [TracedFact]
    public async Task One_sync_of_the_log_stands_before_each_acknowledged_group()
    {
        var folder = Directory.CreateTempSubdirectory("citysafe-test-");
        var trace = Path.Combine(folder.FullName, "trace");
        string[] arguments =
        [
            "-f", "-y", "-e", "trace=fsync,fdatasync,write", "-o", trace,
            "dotnet", typeof(DurabilityTests).Assembly.Location, "write-groups", Path.Combine(folder.FullName, "a.db"), "40",
        ];
        using var process = Process.Start(new ProcessStartInfo("strace", arguments) { RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        var (syncs, acknowledged, atFirst) = (0, 0, 0);
        foreach (var line in File.ReadLines(trace))
        {
            // With -y a file descriptor stands beside the name of its file.
            if (line.Contains("sync(", StringComparison.Ordinal) && line.Contains("a.db-wal", StringComparison.Ordinal)) syncs++;
            if (!line.Contains(Acknowledgement, StringComparison.Ordinal)) continue;
            var commits = int.Parse(line.Split(Acknowledgement)[1].Trim().Split('\\')[0], System.Globalization.CultureInfo.InvariantCulture);
            if (acknowledged++ == 0) atFirst = syncs - commits; // a new file's header is synced besides
            Assert.True(syncs == commits + atFirst, $"acknowledgement {acknowledged}: {commits} commits, {syncs} syncs before it");
        }
        folder.Delete(recursive: true);
        Assert.Equal(Groups, acknowledged);
        Assert.InRange(atFirst, 0, 4);
    }

    /// <summary>The traced process: groups of writes, one after another, each acknowledged by one line.</summary>
    public static async Task WriteGroups(string path, int groups)
    {
        using var database = new SqliteDatabase(path, SqliteBlobStore.Schema);
        var blobs = new SqliteBlobStore(database);
        await using var output = Console.OpenStandardOutput();
        for (var group = 0; group < groups; group++)
        {
            // Held back until all wait, so that they are one group.
            using var all = new ManualResetEventSlim();
            var number = group;
            var first = database.WriteAsync(connection =>
            {
                all.Wait();
                using var command = connection.CreateCommand();
                command.CommandText = $"INSERT INTO blobs VALUES('group {number}', x'00')"; // a commit without a change would have nothing to sync
                return command.ExecuteNonQuery();
            });
            var writes = Enumerable.Range(0, 10).Select(i => blobs.Put(BitConverter.GetBytes(group * 100 + i))).ToArray();
            all.Set();
            await first;
            await Task.WhenAll(writes);
            output.Write(System.Text.Encoding.ASCII.GetBytes($"{Acknowledgement} {database.Commits}\n"));
        }
    }

    private static bool Try()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("strace", ["-f", "-e", "trace=none", "true"]) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
