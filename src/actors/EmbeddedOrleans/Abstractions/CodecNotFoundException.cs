namespace Orleans.Serialization;

/// <summary>A type goes into a call and nothing says how.</summary>
public sealed class CodecNotFoundException(string message) : Exception(message);
