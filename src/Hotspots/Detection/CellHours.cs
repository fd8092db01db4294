namespace CitySafeSense.Hotspots;

/// <summary>The last day of a cell, hour by hour, the newest last.</summary>
public sealed class CellHours
{
    public const int Kept = 24;
    private readonly ushort[] counts = new ushort[Kept];
    private readonly float[] expected = new float[Kept], z = new float[Kept];
    private readonly sbyte[] standing = new sbyte[Kept];

    /// <summary>How many hours there are.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<ushort> Counts => counts.AsSpan(Kept - Count);
    public ReadOnlySpan<float> Expected => expected.AsSpan(Kept - Count);

    /// <summary>Getis-Ord G* of the hour's residual.</summary>
    public ReadOnlySpan<float> Z => z.AsSpan(Kept - Count);

    /// <summary>1 where the hour was significantly hot, -1 where it was cold.</summary>
    public ReadOnlySpan<sbyte> Standing => standing.AsSpan(Kept - Count);

    internal void Add(double count, double usual, double star, int stands)
    {
        Shift(counts, (ushort)Math.Clamp(Math.Round(count), 0, ushort.MaxValue));
        Shift(expected, (float)usual);
        Shift(z, (float)star);
        Shift(standing, (sbyte)stands);
        Count = Math.Min(Kept, Count + 1);
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write((byte)Count);
        foreach (var value in counts) writer.Write(value);
        foreach (var value in expected) writer.Write(value);
        foreach (var value in z) writer.Write(value);
        foreach (var value in standing) writer.Write(value);
    }

    internal void Read(BinaryReader reader)
    {
        Count = Math.Min(Kept, (int)reader.ReadByte());
        for (var i = 0; i < Kept; i++) counts[i] = reader.ReadUInt16();
        for (var i = 0; i < Kept; i++) expected[i] = reader.ReadSingle();
        for (var i = 0; i < Kept; i++) z[i] = reader.ReadSingle();
        for (var i = 0; i < Kept; i++) standing[i] = reader.ReadSByte();
    }

    private static void Shift<T>(T[] values, T newest)
    {
        Array.Copy(values, 1, values, 0, values.Length - 1);
        values[^1] = newest;
    }
}
