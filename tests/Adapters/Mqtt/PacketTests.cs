using System.Buffers;
using CitySafeSense.Mqtt;
using CitySafeSense.Mqtt.Packets;

namespace CitySafeSense.Tests.Mqtt;

public class PacketTests
{
    private const int Longest = 1 << 16;

    [Theory]
    [InlineData(0, "00")]
    [InlineData(127, "7F")]
    [InlineData(128, "8001")]
    [InlineData(16_383, "FF7F")]
    [InlineData(2_097_152, "80808001")]
    [InlineData(268_435_455, "FFFFFF7F")]
    public void Variable_integers_are_those_of_table_1_1(int value, string hex)
    {
        Span<byte> bytes = stackalloc byte[4];
        var length = VariableIntegers.Write(bytes, value);
        Assert.Equal(hex, Convert.ToHexString(bytes[..length]));
        Assert.Equal(VariableIntegerState.Whole, VariableIntegers.Read(bytes, out var read, out var readLength));
        Assert.Equal((value, length), (read, readLength));
    }

    [Theory]
    [InlineData("8000")] // not the shortest form
    [InlineData("FFFFFFFF01")]
    public void A_malformed_variable_integer_is_named(string hex) => Assert.Equal(VariableIntegerState.Malformed, VariableIntegers.Read(Convert.FromHexString(hex), out _, out _));

    [Fact]
    public void Connect_is_the_bytes_of_the_specification()
    {
        var into = new ArrayBufferWriter<byte>();
        PacketEncoder.Connect(into, new MqttOptions { Host = "h", ClientId = "c", User = "u", Password = "p", Will = new("w", new byte[] { 7 }), KeepAlive = TimeSpan.FromSeconds(60), SessionExpiry = TimeSpan.FromSeconds(9) });
        Assert.Equal("102B" + "00044D515454" + "05" + "EE" + "003C" + "10" + "1100000009" + "210400" + "2700100000" + "220040" + "000163" + "00" + "000177" + "000107" + "000175" + "000170", Convert.ToHexString(into.WrittenSpan));
    }

    [Fact]
    public void What_is_published_is_read_as_it_was_written()
    {
        var into = new ArrayBufferWriter<byte>();
        PacketEncoder.Publish(into, "a/b", 3, "hello"u8, MqttQuality.AtLeastOnce, 258, retain: true, duplicate: true);
        PacketEncoder.Publish(into, "", 3, default, MqttQuality.AtMostOnce, 0, retain: false, duplicate: false);
        PacketEncoder.Acknowledge(into, 9);
        var packets = Decode(into.WrittenMemory, 1).ToArray(); // byte by byte: every packet is cut everywhere
        var first = Assert.IsType<Published>(packets[0]);
        Assert.Equal(("a/b", 3, MqttQuality.AtLeastOnce, 258, true, true), (first.Topic, first.TopicAlias, first.Quality, first.PacketId, first.Retain, first.Duplicate));
        Assert.Equal("hello"u8.ToArray(), first.Payload);
        Assert.Equal(("", 3), (Assert.IsType<Published>(packets[1]).Topic, ((Published)packets[1]).TopicAlias));
        Assert.Equal(new PublishAcknowledged(9, 0), packets[2]);
        Assert.Equal(PacketEncoder.PublishBytes("a/b", 5), 1 + into.WrittenSpan[1] + 1);
    }

    [Theory]
    [InlineData("2003000000", null)] // CONNACK without properties
    [InlineData("2006000003" + "210000", "malformed packet of type 2")] // a receive maximum of 0
    [InlineData("2009000006" + "210001210001", "malformed packet of type 2")] // the same property twice
    [InlineData("20020000", "malformed packet of type 2")]
    [InlineData("2003020000", "malformed packet of type 2")]
    [InlineData("2103000000", "type 2 with flags 1")]
    [InlineData("3003000000", "malformed packet of type 3")] // neither topic nor alias
    [InlineData("36080003612F62000100", "malformed packet of type 3")] // QoS 3
    [InlineData("30060003612F2B00", "malformed packet of type 3")] // a wildcard
    [InlineData("320700016100000041", "malformed packet of type 3")] // packet id 0
    [InlineData("3005000261FF00", "malformed packet of type 3")] // not UTF-8
    [InlineData("4001", null)] // the rest is on its way
    [InlineData("400100", "malformed packet of type 4")]
    [InlineData("30FFFFFFFF7F", "remaining length that is none")]
    [InlineData("30FFFFFF7F", "268435460 bytes; 65536 are the limit")]
    [InlineData("1000", "type 1, which no broker sends")]
    [InlineData("5002000A", "type 5, which no broker sends")]
    [InlineData("D00100", "malformed packet of type 13")]
    public void What_is_not_of_the_specification_is_named(string hex, string? error)
    {
        var buffer = new ReadOnlySequence<byte>(Convert.FromHexString(hex));
        PacketDecoder.Next(ref buffer, Longest, out var found);
        if (error is null) Assert.Null(found);
        else Assert.Contains(error, found, StringComparison.Ordinal);
    }

    /// <summary>A million frames: half of them noise, half of them good ones with a few bytes changed, in pieces of any size.</summary>
    [Fact]
    public void A_million_fuzzed_frames_are_packets_or_named_errors()
    {
        var random = new Random(1);
        var seeds = new[]
        {
            "2003000000", "200D00000A" + "210014270000FFFF220010", "320B0003612F620102000568690000", "40020001", "9004000100" + "01", "B00400010000", "D000", "E0020000", "30080003612F6200FF00",
        }.Select(Convert.FromHexString).ToArray();
        var (packets, errors, partial) = (0, 0, 0);
        for (var n = 0; n < 1_000_000; n++)
        {
            byte[] frame;
            if (n % 2 == 0)
            {
                frame = new byte[random.Next(1, 48)];
                random.NextBytes(frame);
            }
            else
            {
                frame = [.. seeds[random.Next(seeds.Length)]];
                for (var change = random.Next(4); change > 0; change--) frame[random.Next(frame.Length)] = (byte)random.Next(256);
            }
            var buffer = Pieces(frame, 1 + random.Next(frame.Length));
            var length = buffer.Length;
            var packet = PacketDecoder.Next(ref buffer, Longest, out var error);
            if (packet is not null) packets++;
            else if (error is not null) errors++;
            else partial++;
            Assert.False(packet is not null && (error is not null || buffer.Length >= length), $"frame {n}: {Convert.ToHexString(frame)}");
        }
        Assert.True(packets > 50_000 && errors > 200_000 && partial > 50_000, $"{packets} packets, {errors} errors, {partial} partial: the frames do not try much");
    }

    private static IEnumerable<IncomingPacket> Decode(ReadOnlyMemory<byte> bytes, int piece)
    {
        var buffer = Pieces(bytes, piece);
        var packets = new List<IncomingPacket>();
        while (PacketDecoder.Next(ref buffer, Longest, out var error) is { } packet)
        {
            Assert.Null(error);
            packets.Add(packet);
        }
        return packets;
    }

    private static ReadOnlySequence<byte> Pieces(ReadOnlyMemory<byte> bytes, int piece)
    {
        var first = new Piece(bytes[..Math.Min(piece, bytes.Length)], 0);
        var last = first;
        for (var at = piece; at < bytes.Length; at += piece) last = last.Then(bytes.Slice(at, Math.Min(piece, bytes.Length - at)));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long at) => (Memory, RunningIndex) = (memory, at);

        public Piece Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
