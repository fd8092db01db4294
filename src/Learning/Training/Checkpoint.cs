using System.Security.Cryptography;
using System.Text;

namespace CitySafeSense.Learning;

/// <summary>
/// All that training is at. As bytes: "CSSCKPT2", the fields little-endian in the order below (text and vectors with their
/// length first), and the SHA-256 of everything before it.
/// </summary>
/// <param name="Cycles">Epochs at which a cycle of the learning rate ends; the first is what was planned at the beginning, the last where training ends.</param>
public sealed record Checkpoint(string Identity, ulong Seed, IReadOnlyList<int> Cycles, int Epoch, int SinceBest, double BestLoss, float[] Weights, float[] Best, OptimiserState Optimiser)
{
    private const int CyclesMax = 1000;
    private static readonly byte[] magic = Encoding.ASCII.GetBytes("CSSCKPT2");

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(magic);
            writer.Write(Identity);
            writer.Write(Seed);
            writer.Write(Cycles.Count);
            foreach (var end in Cycles) writer.Write(end);
            writer.Write(Epoch);
            writer.Write(SinceBest);
            writer.Write(BestLoss);
            Write(writer, Weights);
            Write(writer, Best);
            writer.Write(Optimiser.Steps);
            writer.Write(Optimiser.Rate);
            writer.Write(Optimiser.Moments.Count);
            foreach (var moment in Optimiser.Moments) Write(writer, moment);
        }
        var body = stream.ToArray();
        return [.. body, .. SHA256.HashData(body)];
    }

    /// <param name="source">What to call the bytes in an error, such as the file's name.</param>
    /// <exception cref="InvalidDataException">These bytes are no checkpoint, or a damaged one.</exception>
    public static Checkpoint FromBytes(byte[] bytes, string source)
    {
        if (bytes.Length < magic.Length + SHA256.HashSizeInBytes || !bytes.AsSpan(0, magic.Length).SequenceEqual(magic)) throw new InvalidDataException($"{source} is no checkpoint of training");
        var body = bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes);
        if (!SHA256.HashData(body).AsSpan().SequenceEqual(bytes.AsSpan(body.Length))) throw new InvalidDataException($"{source} is damaged: its check sum is another; take an earlier checkpoint");
        using var reader = new BinaryReader(new MemoryStream(bytes, magic.Length, body.Length - magic.Length), Encoding.UTF8);
        try
        {
            return new(reader.ReadString(), reader.ReadUInt64(), Cycle(reader), reader.ReadInt32(), reader.ReadInt32(), reader.ReadDouble(), Vector(reader), Vector(reader),
                new OptimiserState(reader.ReadInt64(), reader.ReadDouble(), [.. Enumerable.Range(0, Math.Clamp(reader.ReadInt32(), 0, 8)).Select(_ => Vector(reader))]));
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException($"{source} ends too early: it is no checkpoint of this version", e);
        }
    }

    private static int[] Cycle(BinaryReader reader)
    {
        var ends = new int[reader.ReadInt32() is >= 1 and <= CyclesMax and var count ? count : throw new FormatException()];
        for (var i = 0; i < ends.Length; i++) ends[i] = reader.ReadInt32() is var end && end > (i == 0 ? 0 : ends[i - 1]) ? end : throw new FormatException();
        return ends;
    }

    private static void Write(BinaryWriter writer, float[] vector)
    {
        writer.Write(vector.Length);
        foreach (var value in vector) writer.Write(value);
    }

    private static float[] Vector(BinaryReader reader)
    {
        var length = reader.ReadInt32();
        if (length is < 0 or > ParameterLayout.ParametersMax || length > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(float)) throw new EndOfStreamException();
        var vector = new float[length];
        for (var i = 0; i < length; i++) vector[i] = reader.ReadSingle();
        return vector;
    }
}
