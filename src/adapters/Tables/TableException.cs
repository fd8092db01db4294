namespace CitySafeSense.Tables;

/// <summary>A table that cannot be read; the message names file, line and remedy.</summary>
public sealed class TableException(string message, Exception? inner = null) : Exception(message, inner);
