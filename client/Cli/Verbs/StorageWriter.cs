using System.Globalization;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Silo;
using CitySafeSense.Storage;
using Orleans.Storage;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`verify storage-writer`, started by `verify storage`: writes until it is killed, and says of each write when it is acknowledged.</summary>
internal static class StorageWriter
{
    /// <summary>Where the store is: a folder, or a connection string, which is nothing for a command line.</summary>
    public const string PlaceVariable = "CITYSAFE_VERIFY_PLACE";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static Command Command()
    {
        var store = Choice.Option<StoreKind>("--store", "Where it writes.");
        var plant = Choice.Option<PlantedFault>("--plant", "A fault that must be found.");
        var command = new Command("storage-writer", "Started by verify storage.") { store, plant };
        command.Hidden = true;
        command.SetAction(async (parse, cancellation) =>
        {
            await using var stores = StorageWork.Open(parse.GetValue(store), Environment.GetEnvironmentVariable(PlaceVariable) ?? throw new ArgumentException($"{PlaceVariable} is not set"));
            var early = parse.GetValue(plant) == PlantedFault.AckBeforeCommit;
            await Task.WhenAll([
                .. Enumerable.Range(0, StorageWork.Grains).Select(g => Write(() => States(stores, g, early, cancellation))),
                .. Enumerable.Range(0, StorageWork.Partitions).Select(p => Write(() => Appends(stores, p, early, cancellation)))]);
            return Run.Done;
        });
        return command;
    }

    /// <summary>A store that fails is asked again, from what it then says it has.</summary>
    private static async Task Write(Func<Task> work)
    {
        while (true)
        {
            try
            {
                await work();
            }
            catch (Exception e) when (e is StorageException or InconsistentStateException or InvalidOperationException)
            {
                await Task.Delay(Pause);
            }
        }
    }

    private static async Task States(Stores stores, int grain, bool early, CancellationToken cancellation)
    {
        var record = await StorageWork.ReadState(stores.Devices, grain);
        while (!cancellation.IsCancellationRequested)
        {
            var write = StorageWork.WriteState(stores.Devices, grain, record);
            if (early) Acknowledge("state", grain, record.Version + 1);
            await write;
            if (!early) Acknowledge("state", grain, record.Version);
        }
    }

    private static async Task Appends(Stores stores, int partition, bool early, CancellationToken cancellation)
    {
        var next = await stores.Log.NextOffset(partition);
        while (!cancellation.IsCancellationRequested)
        {
            var append = StorageWork.Append(stores.Log, partition, next);
            next += StorageWork.RowsPerAppend;
            if (early) Acknowledge("log", partition, next);
            await append;
            if (!early) Acknowledge("log", partition, next);
        }
    }

    /// <summary>One line in one write: a line that is cut off by the end of the process is no acknowledgement.</summary>
    private static void Acknowledge(string what, int which, long number)
    {
        var line = System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{what} {which} {number}\n"));
        lock (Stdout)
        {
            Stdout.Write(line);
            Stdout.Flush();
        }
    }

    private static readonly Stream Stdout = Console.OpenStandardOutput();
}
