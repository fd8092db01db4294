namespace CitySafeSense.Sensing.Recordings;

/// <summary>What one client of an archive has: rows of numbers and their labels.</summary>
public sealed record ClientRows(string Client, float[] Training, int[] TrainingLabels, float[] Test, int[] TestLabels);

/// <summary>
/// Examples of any kind by client, from arrays. Either X, y and client (names or numbers of clients, a row each), from which the
/// last quarter of every client's rows is held out; or train_images, train_labels, train_offsets and the same of test, where
/// offsets cut the rows into clients. Bytes become x / 127.5 - 1, other numbers stay as they are.
/// </summary>
public sealed record ClientArchive(IReadOnlyList<int> Shape, int Classes, IReadOnlyList<ClientRows> Clients)
{
    private const int ClassesMax = 1024;

    public int RowLength { get; } = Shape.Aggregate(1, (product, n) => product * n);

    /// <summary>Whether an archive is one of these.</summary>
    public static bool Is(NpzArchive archive) => archive.Names.Contains("train_offsets") || (archive.Names.Contains("X") && archive.Names.Contains("client"));

    /// <exception cref="RecordingException">An array is missing, or does not fit the others.</exception>
    public static ClientArchive Read(NpzArchive archive) => archive.Names.Contains("train_offsets") ? FromOffsets(archive) : FromRows(archive);

    private static ClientArchive FromOffsets(NpzArchive archive)
    {
        var (training, test) = (Part(archive, "train"), Part(archive, "test"));
        if (!training.Shape.SequenceEqual(test.Shape)) throw new RecordingException($"{archive.File}: rows of {Text(training.Shape)} to train with and of {Text(test.Shape)} to test with");
        if (training.Offsets.Length != test.Offsets.Length) throw new RecordingException($"{archive.File}: train_offsets is of {training.Offsets.Length - 1} clients, test_offsets of {test.Offsets.Length - 1}");
        return new(training.Shape, ClassesOf(archive, [.. training.Labels, .. test.Labels]), [.. Enumerable.Range(0, training.Offsets.Length - 1).Select(c =>
        {
            var ((x, y), (testX, testY)) = (Cut(training, c), Cut(test, c));
            return new ClientRows($"client-{c:D3}", x, y, testX, testY);
        })]);
    }

    private static ClientArchive FromRows(NpzArchive archive)
    {
        var (x, shape) = Numbers(archive, "X");
        var (y, client) = (Integers(archive, "y"), archive.Read("client"));
        var row = shape.Aggregate(1, (product, n) => product * n);
        string[] owners = client.Kind is 'U' or 'S' ? client.AsText() : [.. client.AsInt64().Select(c => $"client-{c:D3}")];
        if (y.Length != owners.Length || (long)y.Length * row != x.Length) throw new RecordingException($"{archive.File}: X has {x.Length / Math.Max(1, row)} rows, y {y.Length} and client {owners.Length}");
        return new(shape, ClassesOf(archive, y), [.. Enumerable.Range(0, y.Length).GroupBy(r => owners[r]).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g =>
        {
            int[] rows = [.. g];
            var count = rows.Length < 2 ? 0 : Math.Max(1, rows.Length / 4); // one at least, or nothing could be said of the client
            var (kept, held) = (rows[..^count], rows[^count..]);
            return new ClientRows(g.Key, Rows(kept), [.. kept.Select(r => y[r])], Rows(held), [.. held.Select(r => y[r])]);
        })]);

        float[] Rows(int[] rows) => [.. rows.SelectMany(r => x[(r * row)..((r + 1) * row)])];
    }

    private static (float[] X, IReadOnlyList<int> Shape, int[] Labels, long[] Offsets) Part(NpzArchive archive, string part)
    {
        var (x, shape) = Numbers(archive, $"{part}_images");
        var (labels, offsets) = (Integers(archive, $"{part}_labels"), archive.Read($"{part}_offsets").AsInt64());
        if ((long)labels.Length * shape.Aggregate(1, (product, n) => product * n) != x.Length) throw new RecordingException($"{archive.File}: {part}_labels has {labels.Length} entries, {part}_images another number of rows");
        if (offsets.Length < 2 || offsets[0] != 0 || offsets[^1] != labels.Length || offsets.Zip(offsets.Skip(1)).Any(o => o.Second < o.First))
            throw new RecordingException($"{archive.File}: {part}_offsets does not cut 0 to {labels.Length} into clients");
        return (x, shape, labels, offsets);
    }

    private static (float[], int[]) Cut((float[] X, IReadOnlyList<int> Shape, int[] Labels, long[] Offsets) part, int client)
    {
        var (from, to, row) = ((int)part.Offsets[client], (int)part.Offsets[client + 1], part.Shape.Aggregate(1, (product, n) => product * n));
        return (part.X[(from * row)..(to * row)], part.Labels[from..to]);
    }

    private static (float[] Values, IReadOnlyList<int> Shape) Numbers(NpzArchive archive, string name)
    {
        var array = archive.Read(name);
        if (array.Shape.Count < 2) throw new RecordingException($"{array.Name}: rows of numbers are needed, the shape is ({Text(array.Shape)})");
        float[] values = array.Kind == 'u' && array.ItemBytes == 1 ? [.. array.AsInt64().Select(v => (float)(v / 127.5 - 1))] : [.. array.AsDouble().Select(v => (float)v)];
        var bad = Array.FindIndex(values, v => !float.IsFinite(v));
        return bad < 0 ? (values, [.. array.Shape.Skip(1)]) : throw new RecordingException($"{array.Name}: value {bad} is {values[bad]}");
    }

    private static int[] Integers(NpzArchive archive, string name) => [.. archive.Read(name).AsInt64().Select(v => v is >= 0 and < ClassesMax ? (int)v : throw new RecordingException($"{archive.File}/{name}: {v} is no class; they are 0 to {ClassesMax - 1}"))];

    private static int ClassesOf(NpzArchive archive, int[] labels) => labels.Length == 0 ? throw new RecordingException($"{archive.File}: there are no rows") : Math.Max(2, labels.Max() + 1);

    private static string Text(IReadOnlyList<int> shape) => string.Join(" x ", shape);
}
