using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Grains;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Silo;

/// <summary>When a silo starts federated rounds by itself, and with how many devices.</summary>
public sealed record RoundScheduleOptions
{
    /// <summary>From one start to the next; zero: rounds are started by operators only.</summary>
    public TimeSpan Every { get; init; }

    /// <summary>With all devices that would take part, but no more than so many.</summary>
    public int ClientsMax { get; init; } = 100;

    public string Strategy { get; init; } = "fedavg";

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        if (Every != TimeSpan.Zero && (Every < TimeSpan.FromSeconds(5) || Every > TimeSpan.FromDays(7)))
            throw new ArgumentException("rounds every: 5 seconds to a week, or 0 for none");
        if (ClientsMax is < 1 or > 5000) throw new ArgumentException("round clients must be 1 to 5000");
        _ = Federation.Strategy.Named(Strategy);
    }
}

/// <summary>
/// Starts a round now and then, once enough devices would take part. Every silo of a cluster looks; the rounds' grain lets one
/// run at a time, and a round that another silo has started counts. Where time passes in steps the simulation starts rounds itself.
/// </summary>
internal sealed class RoundSchedule(
    IGrainFactory grains, SiloOptions options, ICityClock clock, Readiness readiness, TimeProvider time, ILogger<RoundSchedule> log) : StoppableService
{
    /// <summary>Of virtual devices; of real ones so many that no loss is somebody's.</summary>
    private const int ClientsMin = 10;

    private static readonly Action<ILogger, string, Exception?> logFailure =
        LoggerMessage.Define<string>(LogLevel.Warning, new EventId(6, "Rounds"), "the round that is due could not be started, tried again when the next is due: {Reason}");

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (options.Rounds.Every == TimeSpan.Zero) return;
        await readiness.Reached.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(options.Rounds.Every / 5, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (!clock.IsStepped) await StartIfDue();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logFailure(log, e.Message, null);
            }
        }
    }

    private async Task StartIfDue()
    {
        var rounds = grains.GetGrain<IFederatedRoundGrain>(options.City.Population);
        var view = await rounds.Recent();
        var last = view.Rounds.FirstOrDefault();
        if (last is { Ended: null } || time.GetUtcNow() - last?.Started < options.Rounds.Every) return;
        var terms = RoundTermsMapping.Default(options.Rounds.Strategy, Math.Min(view.CheckedIn, options.Rounds.ClientsMax), options.Seed);
        var clientsMin = options.City.Privacy == PrivacyMode.Simulation ? ClientsMin : (int)Math.Ceiling(options.City.Contributors / terms.MinimumFraction);
        if (terms.Goal < clientsMin) return;
        await rounds.Start(terms with { OverSelection = 1, Epochs = 5, BatchSize = 8, Optimiser = "adam", LearningRate = 0.003 });
    }
}
