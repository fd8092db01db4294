namespace CitySafeSense.Contracts.Ports;

/// <summary>Bytes by the SHA-256 of their content: weights, never readings.</summary>
public interface IBlobStore
{
    /// <summary>Returns the hash when the bytes are durable. Storing the same bytes again is a no-op.</summary>
    Task<string> Put(ReadOnlyMemory<byte> bytes);

    /// <exception cref="KeyNotFoundException">Nothing has this hash.</exception>
    Task<byte[]> Get(string hash);

    Task Delete(string hash);
}
