namespace CitySafeSense.Storage;

/// <summary>Storage that does not work: the message names the file or the server, and what to do.</summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
