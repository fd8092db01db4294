using System.Buffers;
using System.IO.Pipelines;

namespace CitySafeSense.Mqtt;

/// <summary>Packets on their way out. Whoever writes appends to a pipe; what has gathered there goes to the network at once. A slow network makes writers wait.</summary>
internal sealed class OutgoingPackets
{
    private const int PauseBytes = 1 << 20, SegmentBytes = 16 << 10;
    private readonly Pipe pipe = new(new PipeOptions(pauseWriterThreshold: PauseBytes, resumeWriterThreshold: PauseBytes / 2, minimumSegmentSize: SegmentBytes, useSynchronizationContext: false));
    private readonly SemaphoreSlim writing = new(1);
    private bool isOver;

    /// <summary>When something was last written, as the clock's timestamp.</summary>
    public long LastWritten { get; private set; }

    /// <returns>False where the connection is gone.</returns>
    public async ValueTask<bool> Write<TPacket>(TPacket packet, Action<IBufferWriter<byte>, TPacket> encode, long timestamp, CancellationToken cancellation = default)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            if (isOver) return false;
            encode(pipe.Writer, packet);
            LastWritten = timestamp;
            var flushed = await pipe.Writer.FlushAsync(CancellationToken.None);
            return !(flushed.IsCompleted || flushed.IsCanceled);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Everything that was written reaches the network, then the sending loop ends.</summary>
    public async Task Complete()
    {
        await writing.WaitAsync();
        isOver = true;
        await pipe.Writer.CompleteAsync();
        writing.Release();
    }

    /// <summary>Sends until completed, or until the network fails.</summary>
    public async Task SendTo(Stream network, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var read = await pipe.Reader.ReadAsync(cancellation);
                foreach (var segment in read.Buffer) await network.WriteAsync(segment, cancellation);
                pipe.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) return;
            }
        }
        finally
        {
            await pipe.Reader.CompleteAsync(); // writers learn that nobody reads
        }
    }
}
