using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Numerics;
using CitySafeSense.Silo;
using CitySafeSense.Storage;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>
/// `verify storage`: a process writes states and log rows and is killed again and again, and with PostgreSQL the server too. What was
/// acknowledged must be there, and nothing may be there in part.
/// </summary>
internal static class VerifyStorage
{
    public static Command Command()
    {
        var kills = new Option<int>("--kills") { Description = "How often something is killed (SIGKILL).", DefaultValueFactory = _ => 20 };
        var writes = new Option<long>("--writes") { Description = "Acknowledged writes in all, half of them states, half appends to the log.", DefaultValueFactory = _ => 50_000 };
        var store = Choice.Option<StoreKind>("--store", "sqlite, or postgres: a server of its own in a temporary folder.");
        var plant = Choice.Option<PlantedFault>("--plant", "A fault that must be found: ack-before-commit.");
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("storage", """
            Kill a process in the middle of its writes, again and again, and see whether anything acknowledged is missing or half-written.

            Example: citysafe verify storage --kills 20 --store postgres --json
            Example: citysafe verify storage --kills 5 --plant ack-before-commit   (must exit 1)
            """) { kills, writes, store, plant, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            if (parse.GetValue(kills) is < 1 or > 1000) throw new ArgumentException("--kills must be 1 to 1000");
            if (parse.GetValue(writes) is < 100 or > 10_000_000) throw new ArgumentException("--writes must be 100 to 10000000");
            if (parse.GetValue(plant) is not (PlantedFault.None or PlantedFault.AckBeforeCommit)) throw new ArgumentException("verify storage plants ack-before-commit only");
            await using var attempt = await Attempt.Start(parse.GetValue(store), parse.GetValue(plant), cancellation);
            var answer = await attempt.Verify(parse.GetValue(kills), parse.GetValue(writes), parse.GetValue(seed), cancellation);
            if (parse.GetValue(json)) Output.Json(answer);
            else foreach (var (name, value) in answer) Output.Data.WriteLine($"{name,-22} {value?.ToJsonString()}");
            return (long)answer["violations"]! == 0 ? Run.Done : Run.Failed;
        });
        return command;
    }

    private sealed class Attempt : IAsyncDisposable
    {
        private readonly StoreKind store;
        private readonly PlantedFault plant;
        private readonly TemporaryPostgres? postgres;
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("citysafe-verify-");
        private readonly long[] states = new long[StorageWork.Grains], logs = new long[StorageWork.Partitions];
        private readonly List<string> faults = [];
        private long acknowledged, lost, halves;
        private Process? writer;
        private Task? reading;

        private Attempt(StoreKind store, PlantedFault plant, TemporaryPostgres? postgres) => (this.store, this.plant, this.postgres) = (store, plant, postgres);

        private string Place => postgres?.ConnectionString ?? folder.FullName;

        public static async Task<Attempt> Start(StoreKind store, PlantedFault plant, CancellationToken cancellation) =>
            new(store, plant, store == StoreKind.Postgres ? await TemporaryPostgres.Start(cancellation) : null);

        public async Task<JsonObject> Verify(int kills, long writes, ulong seed, CancellationToken cancellation)
        {
            var rng = Rng.For(seed, "storage kills");
            var serverKills = 0;
            for (var kill = 0; kill <= kills; kill++)
            {
                // Kills are spread over the writes, each at a random place of its share; the last run ends the count.
                var until = kill == kills ? writes : (long)(writes * (kill + rng.NextDouble()) / (kills + 1));
                if (writer is null) StartWriter();
                while (Volatile.Read(ref acknowledged) < until)
                {
                    if (writer!.HasExited) throw new CommandFailedException($"the writing process ended by itself with code {writer.ExitCode}; the lines above say why");
                    await Task.Delay(1, cancellation);
                }
                if (postgres is not null && kill % 2 == 1)
                {
                    await postgres.Kill();
                    serverKills++;
                    if (kill % 4 == 1) await KillWriter();
                    await postgres.StartServer(cancellation);
                    if (writer is not null && kill < kills) continue; // it goes on by itself; what it holds is looked at after the next kill
                }
                if (writer is not null) await KillWriter();
                await Check();
                Output.Note($"kill {kill + 1}: {Volatile.Read(ref acknowledged)} acknowledged, {lost} lost, {halves} half-written");
            }
            return new JsonObject
            {
                ["store"] = store.ToString().ToLowerInvariant(),
                ["kills"] = kills,
                ["server_kills"] = serverKills,
                ["acknowledged"] = acknowledged,
                ["lost"] = lost,
                ["half_written"] = halves,
                ["first"] = faults.FirstOrDefault(),
                ["plant"] = plant.ToString(),
                ["violations"] = lost + halves,
            };
        }

        public async ValueTask DisposeAsync()
        {
            if (writer is not null) await KillWriter();
            if (postgres is not null) await postgres.DisposeAsync();
            folder.Delete(recursive: true);
        }

        private void StartWriter()
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
            if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
            foreach (var argument in new[] { "verify", "storage-writer", "--store", store.ToString(), "--plant", plant.ToString() }) start.ArgumentList.Add(argument);
            start.Environment[StorageWriter.PlaceVariable] = Place;
            writer = Process.Start(start)!;
            reading = Listen(writer.StandardOutput);
        }

        /// <summary>SIGKILL; what it still managed to say counts.</summary>
        private async Task KillWriter()
        {
            writer!.Kill();
            await writer.WaitForExitAsync();
            await reading!;
            writer.Dispose();
            writer = null;
        }

        private async Task Listen(StreamReader said)
        {
            while (await said.ReadLineAsync() is { } line)
            {
                if (line.Split(' ') is not [var what, var which, var number]) continue;
                var acknowledgements = what == "state" ? states : logs;
                acknowledgements[int.Parse(which, CultureInfo.InvariantCulture)] = long.Parse(number, CultureInfo.InvariantCulture);
                Interlocked.Increment(ref acknowledged);
            }
        }

        /// <summary>What is there against what was said to be. What nobody was told of may be there or not, but only whole.</summary>
        private async Task Check()
        {
            await using var stores = StorageWork.Open(store, Place);
            for (var g = 0; g < states.Length; g++)
            {
                var record = await StorageWork.ReadState(stores.Devices, g);
                if (record.Version < states[g]) Lost(states[g] - record.Version, $"state {g}: version {states[g]} was acknowledged, {record.Version} is there");
                if (StorageWork.Fault(record, g) is { } fault) Half(fault);
                states[g] = record.Version; // counted once
            }
            for (var p = 0; p < logs.Length; p++)
            {
                var next = await stores.Log.NextOffset(p);
                if (next < logs[p]) Lost((logs[p] - next) / StorageWork.RowsPerAppend, $"partition {p}: offset {logs[p]} was acknowledged, {next} is there");
                if (await StorageWork.Fault(stores.Log, p) is { } fault) Half(fault);
                logs[p] = next;
            }
        }

        private void Lost(long count, string fault)
        {
            lost += count;
            faults.Add(fault);
        }

        private void Half(string fault)
        {
            halves++;
            faults.Add(fault);
        }
    }
}
