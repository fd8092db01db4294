using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using CitySafeSense.Numerics;

namespace CitySafeSense.EmbeddedOrleans.Deterministic;

/// <summary>
/// A store of keys and bytes with a log and a disk under it, on a run's virtual time: what is committed together is synced
/// together, and a crash keeps, drops or tears whatever was not synced yet. Recovery reads the log up to the first record that is not whole.
/// </summary>
public sealed class SimulatedStore
{
    private const int ChecksumBytes = 8;
    private readonly DeterministicRun run;
    private readonly Rng chance;
    private readonly List<byte[]> disk = [];
    private readonly List<(byte[] Record, TaskCompletionSource Written)> unsynced = [];
    private SortedDictionary<string, byte[]> rows = new(StringComparer.Ordinal);
    private int crashes;
    private bool syncing;

    /// <param name="name">Tells the draws of several stores of one run apart.</param>
    public SimulatedStore(DeterministicRun run, string name)
    {
        this.run = run;
        chance = Rng.For(run.Seed, "store", name);
    }

    /// <summary>The rows as they are now, synced or not.</summary>
    public IReadOnlyDictionary<string, byte[]> Rows => rows;

    /// <summary>A read that takes its time.</summary>
    public async Task<T> ReadAsync<T>(Func<IReadOnlyDictionary<string, byte[]>, T> query)
    {
        await Wait(TimeSpan.FromMicroseconds(chance.NextInt(500)));
        return query(rows);
    }

    /// <summary>Computes changes from the rows of that moment and writes them as one; null removes a row. Returns when they are synced.</summary>
    /// <exception cref="IOException">The disk refused; nothing was written.</exception>
    public async Task CommitAsync(Func<IReadOnlyDictionary<string, byte[]>, IReadOnlyCollection<(string Key, byte[]? Value)>> transaction)
    {
        var era = crashes;
        var slow = chance.Chance(run.Faults.CommitIsSlow);
        if (slow) run.ReportFault("a commit is slow");
        await Wait(slow ? run.Faults.SlowCommit : TimeSpan.FromMicroseconds(100 + chance.NextInt(1000)));
        if (era != crashes) await Never().ConfigureAwait(false);
        if (chance.Chance(run.Faults.CommitFails))
        {
            run.ReportFault("a commit fails");
            throw new IOException("the simulated disk refused a write");
        }
        var changes = transaction(rows);
        Apply(rows, changes);
        var written = new TaskCompletionSource();
        unsynced.Add((Encode(changes), written));
        if (run.Faults.AcknowledgeBeforeSync) written.SetResult();
        if (!syncing) _ = Sync();
        await written.Task.ConfigureAwait(false);
    }

    /// <summary>Power goes: of what was not synced some records survive, some do not, and the last that does may be torn. Then the log is read again.</summary>
    public void Crash()
    {
        crashes++;
        foreach (var (record, _) in unsynced)
        {
            var fate = chance.NextInt(3);
            if (fate == 0) break;
            var torn = fate == 1 && record.Length > 1;
            disk.Add(torn ? record[..(1 + chance.NextInt(record.Length - 1))] : record);
            run.ReportFault(torn ? "a record is torn" : "an unsynced record survives");
            if (torn) break;
        }
        unsynced.Clear();
        syncing = false;
        Recover();
    }

    private void Recover()
    {
        rows = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        for (var r = 0; r < disk.Count; r++)
        {
            if (Decode(disk[r]) is not { } changes)
            {
                disk.RemoveRange(r, disk.Count - r); // what follows a torn record was never acknowledged
                return;
            }
            Apply(rows, changes);
        }
    }

    private async Task Sync()
    {
        syncing = true;
        var era = crashes;
        await Wait(TimeSpan.FromMicroseconds(500 + chance.NextInt(2000)));
        if (era != crashes) return;
        syncing = false;
        var group = unsynced.ToArray();
        unsynced.Clear();
        disk.AddRange(group.Select(g => g.Record));
        foreach (var (_, written) in group) written.TrySetResult();
    }

    /// <summary>The disk is nobody's turn: it goes on when the grain that asked has died.</summary>
    private ConfiguredTaskAwaitable Wait(TimeSpan span) => Task.Delay(span, run.Time).ConfigureAwait(false);

    /// <summary>What waited for a process that has died waits for ever.</summary>
    private static Task Never() => new TaskCompletionSource().Task;

    private static void Apply(SortedDictionary<string, byte[]> rows, IReadOnlyCollection<(string Key, byte[]? Value)> changes)
    {
        foreach (var (key, value) in changes)
        {
            if (value is null) rows.Remove(key);
            else rows[key] = value;
        }
    }

    private static byte[] Encode(IReadOnlyCollection<(string Key, byte[]? Value)> changes)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(new byte[ChecksumBytes]);
        writer.Write(changes.Count);
        foreach (var (key, value) in changes)
        {
            writer.Write(key);
            writer.Write(value?.Length ?? -1);
            writer.Write(value ?? []);
        }
        var record = stream.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(record, Checksum(record));
        return record;
    }

    private static IReadOnlyCollection<(string Key, byte[]? Value)>? Decode(byte[] record)
    {
        if (record.Length < ChecksumBytes + sizeof(int) || BinaryPrimitives.ReadUInt64LittleEndian(record) != Checksum(record)) return null;
        using var reader = new BinaryReader(new MemoryStream(record, ChecksumBytes, record.Length - ChecksumBytes), Encoding.UTF8);
        var changes = new (string, byte[]?)[reader.ReadInt32()];
        for (var c = 0; c < changes.Length; c++)
        {
            var key = reader.ReadString();
            var length = reader.ReadInt32();
            changes[c] = (key, length < 0 ? null : reader.ReadBytes(length));
        }
        return changes;
    }

    private static ulong Checksum(byte[] record) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(record.AsSpan(ChecksumBytes)));
}
