using CitySafeSense.Contracts.Ports;
using CitySafeSense.Storage;
using Orleans.Storage;

namespace CitySafeSense.Silo;

/// <summary>The three stores, kept apart: what carries a device, what is on its way, and what must never hear of either.</summary>
public sealed class Stores : IAsyncDisposable
{
    private readonly Func<ValueTask> close;

    private Stores(Func<ValueTask> close) => this.close = close;

    public required IGrainStorage Devices { get; init; }
    public required IBlobStore Blobs { get; init; }
    public required IObservationLog Log { get; init; }
    public required IGrainStorage Cells { get; init; }
    public required IReminderTable Reminders { get; init; }

    /// <summary>For /healthz.</summary>
    public required IReadOnlyList<IStorageProbe> Probes { get; init; }

    /// <summary>Three files in a folder that this silo has for itself.</summary>
    /// <exception cref="StorageException">A file does not work.</exception>
    /// <exception cref="IOException">Another silo has the folder.</exception>
    public static Stores OnSqlite(string folder)
    {
        var held = new DataFolderLock(folder);
        var devices = new SqliteDatabase(Path.Combine(folder, "devices.db"), SqliteGrainStorage.Schema + SqliteBlobStore.Schema);
        var ingest = new SqliteDatabase(Path.Combine(folder, "ingest.db"), SqliteObservationLog.Schema);
        var cells = new SqliteDatabase(Path.Combine(folder, "cells.db"), SqliteGrainStorage.Schema + SqliteReminderTable.Schema);
        return new Stores(() =>
        {
            foreach (IDisposable part in (IDisposable[])[devices, ingest, cells, held]) part.Dispose();
            return ValueTask.CompletedTask;
        })
        {
            Devices = new SqliteGrainStorage(devices),
            Blobs = new SqliteBlobStore(devices),
            Log = new SqliteObservationLog(ingest),
            Cells = new SqliteGrainStorage(cells),
            Reminders = new SqliteReminderTable(cells),
            Probes = [devices, ingest, cells],
        };
    }

    /// <summary>Three schemas of one database, which several silos may share.</summary>
    public static Stores OnPostgres(string connectionString)
    {
        var (devices, ingest, cells) = (new PostgresDatabase(connectionString, "devices"), new PostgresDatabase(connectionString, "ingest"), new PostgresDatabase(connectionString, "cells"));
        return new Stores(async () =>
        {
            foreach (var database in (PostgresDatabase[])[devices, ingest, cells]) await database.DisposeAsync();
        })
        {
            Devices = new PostgresGrainStorage(devices),
            Blobs = new PostgresBlobStore(devices),
            Log = new PostgresObservationLog(ingest),
            Cells = new PostgresGrainStorage(cells),
            Reminders = new PostgresReminderTable(cells),
            Probes = [devices, ingest, cells],
        };
    }

    public ValueTask DisposeAsync() => close();
}
