using System.Threading.Channels;
using CitySafeSense.Federation;
using CitySafeSense.Privacy;

namespace CitySafeSense.Edge;

/// <summary>
/// A member's conversation with the cluster: offers itself when connected and when told to come back, trains one order after
/// the other away from the connection, and says its report again until it has been heard.
/// </summary>
internal sealed class RoundLink : IAsyncDisposable
{
    private const int WaitingMax = 16;
    private static readonly TimeSpan resendAfter = TimeSpan.FromSeconds(15), offerAgain = TimeSpan.FromMinutes(2);
    private readonly RoundMember member;
    private readonly Func<byte[], Task> send;
    private readonly TimeProvider time;
    private readonly Channel<RoundDownlink> waiting = Channel.CreateBounded<RoundDownlink>(new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly Lock gate = new();
    private readonly Task working;
    private (RoundUplink.Reported Report, DateTimeOffset At)? unheard;
    private DateTimeOffset nextOffer;
    private volatile bool leaving;

    /// <param name="send">Publishes on the device's `updates`; a failure is the connection's.</param>
    public RoundLink(RoundMember member, Func<byte[], Task> send, TimeProvider time)
    {
        (this.member, this.send, this.time) = (member, send, time);
        working = Task.Run(Work);
    }

    /// <summary>Reports that the cluster has heard and could use, and secure sums gone through to the end.</summary>
    public int RoundsReported { get; private set; }

    /// <summary>Why the last order came to nothing, or null.</summary>
    public string? Trouble { get; private set; }

    public async ValueTask DisposeAsync()
    {
        leaving = true;
        waiting.Writer.TryComplete();
        await working;
    }

    public void Connected()
    {
        lock (gate) nextOffer = default;
    }

    /// <summary>What came on the device's `rounds`. Anything else than a message is passed over.</summary>
    public void Receive(ReadOnlySpan<byte> payload)
    {
        switch (RoundWire.DecodeDownlink(payload))
        {
            case RoundDownlink.ComeBack back:
                lock (gate) nextOffer = time.GetUtcNow() + back.After;
                break;
            case RoundDownlink.Heard heard:
                lock (gate)
                {
                    if (unheard?.Report.Round != heard.Round) break;
                    unheard = null;
                    if (heard.Refusal is null) RoundsReported++;
                    else Trouble = heard.Refusal;
                }
                break;
            case { } order:
                waiting.Writer.TryWrite(order);
                break;
        }
    }

    /// <summary>Called again and again while there is a connection: says what is due.</summary>
    public async Task Pump()
    {
        var due = new List<RoundUplink>(2);
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (nextOffer <= now && member.Offer() is { } offer)
            {
                nextOffer = now + offerAgain; // unless the answer says another time
                due.Add(offer);
            }
            if (unheard is { } report && now - report.At > resendAfter)
            {
                unheard = (report.Report, now);
                due.Add(report.Report);
            }
        }
        foreach (var message in due) await send(RoundWire.Encode(message));
    }

    private async Task Work()
    {
        await foreach (var order in waiting.Reader.ReadAllAsync())
        {
            try
            {
                if (leaving) break;
                if (member.Take(order) is not { } answer) continue;
                var bytes = RoundWire.Encode(answer);
                if (answer is RoundUplink.Reported report)
                    lock (gate) unheard = (report, time.GetUtcNow());
                await send(bytes);
                if (answer is RoundUplink.Answered { Step: SecureSumStep.Reveal }) RoundsReported++;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or SecureSumException or FormatException)
            {
                Trouble = e.Message; // the device stays out of this round
            }
        }
    }
}
