using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

/// <summary>
/// How an update travels: none (float32), float16, int8 (one scale for each 256 values, rounded to nearest) or top-k:SHARE (the
/// largest entries, others nothing). What int8 and top-k leave out stays with the client and is added to its next update (error
/// feedback, Seide et al. 2014; Karimireddy et al. 2019). Little-endian.
/// </summary>
public abstract record UpdateCodec(string Name)
{
    public const string Names = "none, float16, int8, top-k:SHARE";

    /// <summary>Whether the client keeps what was left out.</summary>
    public virtual bool HasErrorFeedback => false;

    /// <summary>What it is called in the table of what goes together.</summary>
    public string Kind => Name.Split(':')[0];

    /// <exception cref="ArgumentException">There is no such codec, or its share is out of range.</exception>
    public static UpdateCodec Parse(string text)
    {
        var parts = text.Split(':');
        return (parts[0], parts.Length) switch
        {
            ("none", 1) => new PlainCodec(),
            ("float16", 1) => new HalfCodec(),
            ("int8", 1) => new ByteCodec(),
            ("top-k", 2) when double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 1 => new TopCodec(text, share),
            _ => throw new ArgumentException($"\"{text}\" is no update codec; choose from {Names} (a share is above 0 and up to 1)"),
        };
    }

    public abstract byte[] Encode(ReadOnlySpan<float> update);

    /// <summary>[length] values.</summary>
    /// <exception cref="FormatException">The bytes are not an update of that length.</exception>
    public abstract float[] Decode(ReadOnlySpan<byte> bytes, int length);

    /// <summary>Encodes an update and what earlier ones left out, and says what is left out now.</summary>
    /// <param name="residual">[update], or empty; changed in place where the codec has error feedback.</param>
    public byte[] EncodeWithFeedback(ReadOnlySpan<float> update, ref float[] residual)
    {
        if (!HasErrorFeedback) return Encode(update);
        var whole = update.ToArray();
        if (residual.Length == whole.Length) Kernels.Chosen.Add(residual, whole);
        var bytes = Encode(whole);
        Kernels.Chosen.AddScaled(-1, Decode(bytes, whole.Length), whole);
        residual = whole;
        return bytes;
    }

    private protected static void Require(ReadOnlySpan<byte> bytes, long expected, int length)
    {
        if (bytes.Length != expected) throw new FormatException($"an update of {length} values has {expected} bytes in this codec, not {bytes.Length}");
    }

    private sealed record PlainCodec() : UpdateCodec("none")
    {
        public override byte[] Encode(ReadOnlySpan<float> update) => MemoryMarshal.AsBytes(update).ToArray();

        public override float[] Decode(ReadOnlySpan<byte> bytes, int length)
        {
            Require(bytes, 4L * length, length);
            return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        }
    }

    private sealed record HalfCodec() : UpdateCodec("float16")
    {
        public override byte[] Encode(ReadOnlySpan<float> update)
        {
            var bytes = new byte[2 * update.Length];
            for (var i = 0; i < update.Length; i++) BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(2 * i), (Half)Math.Clamp(update[i], -65504, 65504));
            return bytes;
        }

        public override float[] Decode(ReadOnlySpan<byte> bytes, int length)
        {
            Require(bytes, 2L * length, length);
            var update = new float[length];
            for (var i = 0; i < length; i++) update[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]);
            return update;
        }
    }

    private sealed record ByteCodec() : UpdateCodec("int8")
    {
        private const int Block = 256;

        public override bool HasErrorFeedback => true;

        public override byte[] Encode(ReadOnlySpan<float> update)
        {
            var bytes = new byte[Bytes(update.Length)];
            for (var (start, at) = (0, 0); start < update.Length; start += Block)
            {
                var block = update.Slice(start, Math.Min(Block, update.Length - start));
                var largest = 0f;
                foreach (var value in block) largest = Math.Max(largest, Math.Abs(value));
                var scale = largest / 127;
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), scale);
                at += 4;
                foreach (var value in block) bytes[at++] = (byte)(sbyte)(scale > 0 ? Math.Clamp(MathF.Round(value / scale), -127, 127) : 0);
            }
            return bytes;
        }

        public override float[] Decode(ReadOnlySpan<byte> bytes, int length)
        {
            Require(bytes, Bytes(length), length);
            var update = new float[length];
            for (var (i, at) = (0, 0); i < length;)
            {
                var scale = BinaryPrimitives.ReadSingleLittleEndian(bytes[at..]);
                at += 4;
                for (var end = Math.Min(i + Block, length); i < end; i++) update[i] = scale * (sbyte)bytes[at++];
            }
            return update;
        }

        private static int Bytes(int length) => length + 4 * ((length + Block - 1) / Block);
    }

    /// <summary>Pairs of index (int32) and value (float32), by index.</summary>
    private sealed record TopCodec(string Text, double Share) : UpdateCodec(Text)
    {
        public override bool HasErrorFeedback => true;

        public override byte[] Encode(ReadOnlySpan<float> update)
        {
            var values = update.ToArray();
            int[] kept = [.. Enumerable.Range(0, values.Length).OrderByDescending(i => Math.Abs(values[i])).Take(Count(values.Length)).Order()];
            var bytes = new byte[8 * kept.Length];
            for (var k = 0; k < kept.Length; k++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8 * k), kept[k]);
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(8 * k + 4), values[kept[k]]);
            }
            return bytes;
        }

        public override float[] Decode(ReadOnlySpan<byte> bytes, int length)
        {
            Require(bytes, 8L * Count(length), length);
            var (update, before) = (new float[length], -1);
            for (var at = 0; at < bytes.Length; at += 8)
            {
                var index = BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
                if (index <= before || index >= length) throw new FormatException($"index {index} after {before} in an update of {length} values");
                update[before = index] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(at + 4)..]);
            }
            return update;
        }

        private int Count(int length) => (int)Math.Ceiling(Share * length);
    }
}
