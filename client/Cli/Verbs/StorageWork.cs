using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Silo;
using Orleans.Storage;

namespace CitySafeSense.Cli.Verbs;

/// <summary>What `verify storage` writes: every row says what it must hold, so that one that is half there shows.</summary>
internal static class StorageWork
{
    public const int Grains = 200, Partitions = 8, RowsPerAppend = 3;
    private const string StateName = "work";
    private const ulong Device = 1;

    public static Stores Open(StoreKind store, string place) => store == StoreKind.Postgres ? Stores.OnPostgres(place) : Stores.OnSqlite(place);

    public static GrainId Grain(int number) => GrainId.Create("verification", number.ToString(CultureInfo.InvariantCulture));

    public static async Task<Record> ReadState(IGrainStorage storage, int grain)
    {
        var record = new Record();
        await storage.ReadStateAsync(StateName, Grain(grain), record);
        return record;
    }

    /// <summary>Writes the next version; its number is its value.</summary>
    public static Task WriteState(IGrainStorage storage, int grain, Record record)
    {
        var value = record.Version + 1;
        record.State = new WorkState { Value = value, Text = Text($"state/{grain}/{value}") };
        return storage.WriteStateAsync(StateName, Grain(grain), record);
    }

    /// <summary>Rows, and the device row that must always say the same as they do.</summary>
    public static Task Append(IObservationLog log, int partition, long next) => log.Append(
        partition, next, [.. Enumerable.Range(0, RowsPerAppend).Select(i => Row(partition, next + i))], [new DeviceRow(Device, BitConverter.GetBytes(next + RowsPerAppend), [1])]);

    /// <summary>What is wrong with a state; null if nothing is.</summary>
    public static string? Fault(Record record, int grain)
    {
        if (!record.RecordExists) return null;
        var state = record.State!;
        return state.Value != record.Version ? $"state {grain}: version {record.Version} holds value {state.Value}"
            : state.Text != Text($"state/{grain}/{state.Value}") ? $"state {grain}: version {record.Version} is not whole" : null;
    }

    /// <summary>What is wrong with a partition; null if nothing is.</summary>
    public static async Task<string?> Fault(IObservationLog log, int partition)
    {
        var (next, rows, device) = (await log.NextOffset(partition), await log.Read(partition, int.MaxValue), (await log.Devices(partition, [Device])).FirstOrDefault());
        if (rows.Length != next) return $"partition {partition}: the next offset is {next}, there are {rows.Length} rows";
        if (next % RowsPerAppend != 0) return $"partition {partition}: {next} rows are no whole number of appends";
        if (next > 0 && (device is null || BitConverter.ToInt64(device.Deliveries) != next)) return $"partition {partition}: rows and device row are not of one transaction";
        for (var r = 0; r < rows.Length; r++)
        {
            var wanted = Row(partition, r);
            if (rows[r].Offset != r || rows[r].Cell != wanted.Cell || !rows[r].Contribution.AsSpan().SequenceEqual(wanted.Contribution)) return $"partition {partition}: row {r} is not whole";
        }
        return null;
    }

    private static ObservationRow Row(int partition, long offset) => new(offset, (ulong)offset * 31 + (ulong)partition, Encoding.ASCII.GetBytes(Text($"row/{partition}/{offset}")));

    private static string Text(string what) => string.Concat(Enumerable.Repeat(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what))), 3));

    public sealed class WorkState
    {
        public long Value { get; set; }
        public string Text { get; set; } = "";
    }

    public sealed class Record : IGrainState<WorkState>
    {
        public WorkState? State { get; set; }
        public string? ETag { get; set; }
        public bool RecordExists { get; set; }
        public long Version => ETag is null ? 0 : long.Parse(ETag, CultureInfo.InvariantCulture);
    }
}
