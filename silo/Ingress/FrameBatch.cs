using System.Buffers.Binary;
using CitySafeSense.Sensing;

namespace CitySafeSense.Silo.Ingress;

/// <summary>Frames one after another, each behind its length as u32 little-endian: the body of a POST.</summary>
public static class FrameBatch
{
    /// <summary>Frames in one request.</summary>
    public const int MaxFrames = 2048;

    /// <summary>Frames, or why the body is none; nothing of a bad body is taken.</summary>
    public static (IReadOnlyList<byte[]> Frames, string? Error) Split(ReadOnlySpan<byte> body)
    {
        var frames = new List<byte[]>();
        while (!body.IsEmpty)
        {
            if (frames.Count == MaxFrames) return ([], $"a request carries at most {MaxFrames} windows");
            if (body.Length < 4) return ([], $"window {frames.Count}: the body ends within its length");
            var length = BinaryPrimitives.ReadUInt32LittleEndian(body);
            if (length > WindowFrame.MaxBytes) return ([], $"window {frames.Count}: {length} bytes are beyond the limit of {WindowFrame.MaxBytes}");
            if (length > body.Length - 4) return ([], $"window {frames.Count}: {length} bytes are promised, {body.Length - 4} are there");
            frames.Add(body.Slice(4, (int)length).ToArray());
            body = body[(4 + (int)length)..];
        }
        return frames.Count == 0 ? ([], "the body holds no window") : (frames, null);
    }
}
