namespace CitySafeSense.Video;

/// <summary>Frames cannot be had; the message names the source and what helps.</summary>
public sealed class VideoException(string message) : Exception(message);
