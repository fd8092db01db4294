namespace CitySafeSense.Hotspots;

/// <summary>How states are stored: a version, then what it says; and how they are read, or refused by name.</summary>
internal static class StoredState
{
    public static byte[] Encode(int version, Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(version);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    /// <param name="what">As the error calls it.</param>
    /// <param name="newest">Versions from <paramref name="oldest"/> up to this one are read.</param>
    /// <exception cref="FormatException">The bytes are of an unknown version or cut off.</exception>
    public static T Decode<T>(ReadOnlyMemory<byte> bytes, string what, int newest, Func<int, BinaryReader, T> read, int? oldest = null)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray()));
        try
        {
            var version = reader.ReadInt32();
            if (version < (oldest ?? newest) || version > newest) throw new FormatException($"{what} of version {version}; this build knows {(oldest is null ? "" : "up to ")}{newest}");
            return read(version, reader);
        }
        catch (EndOfStreamException e)
        {
            throw new FormatException($"{what} is cut off", e);
        }
    }
}
