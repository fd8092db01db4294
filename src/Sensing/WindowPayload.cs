using System.Buffers.Binary;

namespace CitySafeSense.Sensing;

/// <summary>How a window's values travel.</summary>
public enum WindowEncoding : byte
{
    /// <summary>4 bytes each, in the channel's unit.</summary>
    Float32 = 0,

    /// <summary>2 bytes each, in steps of the channel's scale: half the bytes, and what a sensor's converter gives anyway.</summary>
    Int16 = 1,
}

/// <summary>
/// The values of a frame, little-endian, channel by channel: float32; or for each channel a float32 scale (its unit for each step),
/// and behind the scales the steps as i16.
/// </summary>
internal static class WindowPayload
{
    private const int ScaleBytes = 4, StepBytes = 2, FloatBytes = 4;

    public static bool IsKnown(byte encoding) => encoding <= (byte)WindowEncoding.Int16;

    public static int BytesOf(WindowSchema schema, WindowEncoding encoding) =>
        encoding == WindowEncoding.Float32 ? FloatBytes * schema.Length : ScaleBytes * schema.Channels.Count + StepBytes * schema.Length;

    public static void Write(SensorWindow window, WindowEncoding encoding, Span<byte> into)
    {
        if (encoding == WindowEncoding.Float32)
        {
            for (var i = 0; i < window.Schema.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(into[(FloatBytes * i)..], window.Values[i]);
            return;
        }
        var samples = window.Schema.Samples;
        var steps = into[(ScaleBytes * window.Schema.Channels.Count)..];
        for (var c = 0; c < window.Schema.Channels.Count; c++)
        {
            var channel = window.Values.Slice(c * samples, samples);
            var scale = LargestOf(channel) / short.MaxValue;
            BinaryPrimitives.WriteSingleLittleEndian(into[(ScaleBytes * c)..], scale);
            for (var t = 0; t < samples; t++) BinaryPrimitives.WriteInt16LittleEndian(steps[(StepBytes * (c * samples + t))..], scale == 0 ? (short)0 : (short)MathF.Round(channel[t] / scale));
        }
    }

    /// <summary>What is there; whether it makes a window is for the window to say.</summary>
    public static float[] Read(ReadOnlySpan<byte> payload, WindowEncoding encoding, WindowSchema schema)
    {
        var values = new float[schema.Length];
        if (encoding == WindowEncoding.Float32)
        {
            for (var i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadSingleLittleEndian(payload[(FloatBytes * i)..]);
            return values;
        }
        var steps = payload[(ScaleBytes * schema.Channels.Count)..];
        for (var c = 0; c < schema.Channels.Count; c++)
        {
            var scale = BinaryPrimitives.ReadSingleLittleEndian(payload[(ScaleBytes * c)..]);
            for (var i = c * schema.Samples; i < (c + 1) * schema.Samples; i++) values[i] = scale * BinaryPrimitives.ReadInt16LittleEndian(steps[(StepBytes * i)..]);
        }
        return values;
    }

    private static float LargestOf(ReadOnlySpan<float> values)
    {
        var largest = 0f;
        foreach (var value in values) largest = MathF.Max(largest, MathF.Abs(value));
        return largest;
    }
}
