using System.Text;
using CitySafeSense.Sensing;

namespace CitySafeSense.Tests.Sensing;

public class DeliveryTests
{
    private static readonly DateTimeOffset start = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private const string Good = """{"device":"lamp-7","timestamp":"2026-11-26T12:00:00.5Z","event":"forced_displacement","probability":0.87,"vector":[1.5,-2,0.25],"cell":"89a8100c003ffff","note":"more"}""";

    [Fact]
    public void An_event_of_the_prototype_is_read()
    {
        Assert.Equal(EventRejection.None, DeviceEventJson.Decode(Encoding.UTF8.GetBytes(Good), out var happened));
        Assert.Equal(new DeviceEvent("lamp-7", start.ToUnixTimeMilliseconds() + 500, ActivityClass.ForcedMovement, 0.87f, new(1.5f, -2), 0x89a8100c003ffff), happened);
        Assert.Equal(EventRejection.None, DeviceEventJson.Decode(DeviceEventJson.Encode(happened!), out var again));
        Assert.Equal(happened, again);
    }

    [Theory]
    [InlineData("", EventRejection.BadJson)]
    [InlineData("[1]", EventRejection.BadJson)]
    [InlineData(Good + "x", EventRejection.BadJson)]
    [InlineData("""{"device":"a/b","timestamp":1,"event":"walking","probability":1}""", EventRejection.BadDeviceId)]
    [InlineData("""{"device":"a","timestamp":"yesterday","event":"walking","probability":1}""", EventRejection.BadTimestamp)]
    [InlineData("""{"device":"a","timestamp":-1,"event":"walking","probability":1}""", EventRejection.BadTimestamp)]
    [InlineData("""{"device":"a","timestamp":1,"event":"dancing","probability":1}""", EventRejection.UnknownEvent)]
    [InlineData("""{"device":"a","timestamp":1,"event":"walking","probability":1.5}""", EventRejection.BadProbability)]
    [InlineData("""{"device":"a","timestamp":1,"event":"walking","probability":"1"}""", EventRejection.BadProbability)]
    [InlineData("""{"device":"a","timestamp":1,"event":"walking","probability":1,"vector":[1,2]}""", EventRejection.BadVector)]
    [InlineData("""{"device":"a","timestamp":1,"event":"walking","probability":1,"vector":[1,2,1e99]}""", EventRejection.BadVector)]
    [InlineData("""{"device":"a","timestamp":1,"event":"walking","probability":1,"cell":"here"}""", EventRejection.BadCell)]
    public void What_is_wrong_with_an_event_is_named(string json, EventRejection expected)
    {
        Assert.Equal(expected, DeviceEventJson.Decode(Encoding.UTF8.GetBytes(json), out var happened));
        Assert.Null(happened);
    }

    [Fact]
    public void Fuzzed_events_are_events_or_named_rejections()
    {
        var (random, good) = (new Random(1), Encoding.UTF8.GetBytes(Good));
        var rejected = 0;
        for (var n = 0; n < 100_000; n++)
        {
            byte[] bytes = [.. good];
            for (var change = random.Next(1, 4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (DeviceEventJson.Decode(bytes, out var happened) != EventRejection.None)
            {
                Assert.Null(happened);
                rejected++;
            }
        }
        Assert.InRange(rejected, 50_000, 99_000);
    }

    [Fact]
    public void An_acknowledgement_is_read_as_it_was_written_and_nothing_else_is()
    {
        var said = new IngestAcknowledgement(7, [new(1, 5), new(7, 7)], [new(1000, ActivityClass.Mugging)], [new(6, null, "too_late"), new(null, new TakenEvent(5, ActivityClass.Walking), "no_cell")], 64, 99_000);
        var heard = IngestAcknowledgement.Decode(said.Encode())!;
        Assert.Equal(said.Encode(), heard.Encode());
        Assert.Equal(said.Windows.ToArray(), heard.Windows.ToArray());
        Assert.Equal(said.Refused.ToArray(), heard.Refused.ToArray());
        Assert.Null(IngestAcknowledgement.Decode("{}"u8.ToArray()));
        Assert.Null(IngestAcknowledgement.Decode("""{"epoch":-1,"windows":[[1]],"events":[],"refused":[],"credit":1,"time":"x"}"""u8.ToArray()));
    }

    [Fact]
    public void A_message_is_kept_until_it_is_acknowledged_or_refused()
    {
        var outbox = new DeviceOutbox(new OutboxOptions { Windows = 4, FirstCredit = 2 }, epoch: 9);
        for (var n = 0; n < 5; n++) Assert.Equal(n < 4, outbox.AddWindow(s => [(byte)s], start));
        Assert.Equal([1UL, 2], outbox.Due(start).Select(m => m.Sequence!.Value)); // as far as the credit goes
        Assert.Empty(outbox.Due(start.AddSeconds(14)));
        Assert.Equal([1UL, 2], (ulong[])[.. outbox.Due(start.AddSeconds(15)).Select(m => m.Sequence!.Value).Order()]);
        outbox.Take(Acknowledge(8, 1, 4), start); // another boot's
        Assert.Equal(4, outbox.Waiting);
        outbox.Take(Acknowledge(9, 1, 1) with { Credit = 8, Refused = [new(2, null, "too_late")] }, start);
        Assert.Equal((2, 1L, 1L, 1L, 2L), (outbox.Waiting, outbox.Acknowledged, outbox.Refused, outbox.Shed, outbox.Resent));
        Assert.Equal([3UL, 4], outbox.Due(start).Select(m => m.Sequence!.Value));
        outbox.Disconnected();
        Assert.Equal([3UL, 4], outbox.Due(start).Select(m => m.Sequence!.Value));
        outbox.Take(Acknowledge(9, 1, ulong.MaxValue), start);
        Assert.Equal(0, outbox.Waiting);
    }

    /// <summary>Beyond the reach of the cluster's memory a repetition could not be told from what was taken.</summary>
    [Fact]
    public void No_window_goes_further_ahead_of_the_oldest_than_the_cluster_remembers()
    {
        var outbox = new DeviceOutbox(new OutboxOptions { Windows = 4096, FirstCredit = 4096 }, epoch: 1);
        for (var n = 0; n < 3000; n++) outbox.AddWindow(s => [], start);
        Assert.Equal(SequenceWindow.Reach, outbox.Due(start).Count);
        outbox.Take(Acknowledge(1, 2, 900) with { Credit = 4096 }, start); // the first is missing
        Assert.Empty(outbox.Due(start));
        outbox.Take(Acknowledge(1, 1, 1) with { Credit = 4096 }, start);
        Assert.Equal(900, outbox.Due(start).Count);
    }

    [Fact]
    public void What_nobody_heard_is_said_again_soon_and_the_rest_when_patience_ends()
    {
        var outbox = new DeviceOutbox(new OutboxOptions(), epoch: 1);
        for (var n = 0; n < 3; n++) outbox.AddWindow(s => [], start);
        var sent = outbox.Due(start);
        outbox.Unheard(sent[1], start);
        Assert.Empty(outbox.Due(start.AddMilliseconds(400)));
        Assert.Equal([2UL], outbox.Due(start.AddMilliseconds(500)).Select(m => m.Sequence!.Value));
        Assert.Equal([1UL, 3], (ulong[])[.. outbox.Due(start.AddSeconds(15)).Select(m => m.Sequence!.Value).Order()]);
    }

    [Theory]
    [InlineData("online", true, null)]
    [InlineData("offline", false, null)]
    [InlineData("""{"online":true,"config":7}""", true, 7)]
    [InlineData("""{"online":false}""", false, null)]
    [InlineData("""{"online":true,"config":-1}""", true, null)]
    public void A_devices_report_is_a_word_or_an_object(string said, bool online, int? configuration)
    {
        Assert.Equal(new DeviceReport(online, configuration), DeviceReport.Decode(Encoding.UTF8.GetBytes(said)));
        Assert.Equal(new DeviceReport(online, configuration), DeviceReport.Decode(new DeviceReport(online, configuration).Encode()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("on")]
    [InlineData("[]")]
    [InlineData("""{"online":1}""")]
    [InlineData("""{"online":true""")]
    [InlineData("""{"online":[[[[]]]]}""")]
    public void What_is_no_report_is_none(string said) => Assert.Null(DeviceReport.Decode(Encoding.UTF8.GetBytes(said)));

    [Fact]
    public void A_configuration_is_read_as_it_was_written_and_nothing_else_is()
    {
        var configuration = DeviceConfiguration.Decode(new DeviceConfiguration(3, "{\"a\":[1,2]}"u8.ToArray()).Encode());
        Assert.Equal((3, "{\"a\":[1,2]}"), (configuration!.Number, Encoding.UTF8.GetString(configuration.Settings)));
        foreach (var bad in new[] { "", "{}", """{"number":0,"settings":{}}""", """{"number":1,"settings":[]}""", """{"number":1.5,"settings":{}}""" })
            Assert.Null(DeviceConfiguration.Decode(Encoding.UTF8.GetBytes(bad)));
        Assert.Null(DeviceConfiguration.Refuse("{\"a\":1}"u8));
        Assert.Contains("4096", DeviceConfiguration.Refuse(new byte[5000]), StringComparison.Ordinal);
    }

    [Fact]
    public void Events_pass_telemetry_and_need_no_credit()
    {
        var outbox = new DeviceOutbox(new OutboxOptions { FirstCredit = 1 }, epoch: 1);
        for (var n = 0; n < 3; n++) outbox.AddWindow(s => [(byte)s], start);
        var happened = new DeviceEvent("a", 5, ActivityClass.Mugging, 1, default, null);
        Assert.True(outbox.AddEvent(happened, start));
        Assert.False(outbox.AddEvent(happened, start));
        Assert.Equal([DeviceTopic.Events, DeviceTopic.Windows], outbox.Due(start).Select(m => m.Topic));
    }

    [Fact]
    public void The_memory_of_deliveries_knows_events_and_what_was_stored_before_there_were_any()
    {
        var old = new SequenceWindow();
        old.Take(3, 7);
        var memory = DeliveryMemory.Decode(old.Encode());
        Assert.Equal(SequenceVerdict.Duplicate, memory.TakeWindow(3, 7));
        var key = EventMemory.KeyOf(1000, ActivityClass.Mugging);
        Assert.Equal(SequenceVerdict.Fresh, memory.TakeEvent(key, 1, 0));
        memory = DeliveryMemory.Decode(memory.Encode());
        Assert.Equal((SequenceVerdict.Duplicate, SequenceVerdict.Duplicate), (memory.TakeEvent(key, 1, 0), memory.TakeWindow(3, 7)));
        for (var n = 1; n < EventMemory.Capacity; n++) Assert.Equal(SequenceVerdict.Fresh, memory.TakeEvent(key + (ulong)n, n, 0));
        Assert.Equal(SequenceVerdict.TooMany, memory.TakeEvent(key - 1, 1, 0));
        Assert.Equal(SequenceVerdict.Fresh, memory.TakeEvent(key - 1, 100, oldestUnixSeconds: 50)); // what is late anyway makes room
        Assert.Equal(SequenceVerdict.Fresh, DeliveryMemory.Decode(new DeliveryMemory().Encode()).TakeWindow(0, 0));
    }

    [Fact]
    public void Sessions_stay_where_they_are_and_a_dead_silos_go_to_the_others()
    {
        var leases = new SessionLeases(4, TimeSpan.FromSeconds(10));
        Assert.Equal([0, 1, 2, 3], leases.Renew("a", start).Order().ToArray());
        Assert.Empty(leases.Renew("b", start.AddSeconds(1))); // all are a's until it asks again
        Assert.Equal([0, 1], leases.Renew("a", start.AddSeconds(2)).Order().ToArray());
        Assert.Equal([2, 3], leases.Renew("b", start.AddSeconds(3)).Order().ToArray());
        Assert.Equal([2, 3], leases.Renew("b", start.AddSeconds(11)).Order().ToArray());
        Assert.Equal([0, 1, 2, 3], leases.Renew("b", start.AddSeconds(13)).Order().ToArray()); // a is silent
    }

    private static IngestAcknowledgement Acknowledge(ulong epoch, ulong from, ulong to) => new(epoch, [new(from, to)], [], [], 2, 0);
}
