using System.Diagnostics;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Sdk;
using CitySafeSense.Wire;

namespace CitySafeSense.Cli.Verbs;

/// <summary>Federated rounds held with a fleet while it is connected.</summary>
internal static class FleetRounds
{
    private static readonly TimeSpan look = TimeSpan.FromMilliseconds(200), patience = TimeSpan.FromMinutes(2);

    /// <exception cref="CommandFailedException">The devices do not offer themselves.</exception>
    public static async Task<IReadOnlyList<RoundAnswer>> Run(CitySafeClient client, StartRound start, int rounds, CancellationToken cancellation)
    {
        var (held, began) = (new List<RoundAnswer>(), Stopwatch.GetTimestamp());
        while (held.Count < rounds)
        {
            while ((await client.Rounds(cancellation)).CheckedInDevices is var there && there < start.Goal)
            {
                if (Stopwatch.GetElapsedTime(began) > patience) throw new CommandFailedException($"{there} of {start.Goal} devices would take part in a round after {patience.TotalSeconds:0} s");
                await Task.Delay(look, cancellation);
            }
            var number = await client.StartRound(start, cancellation);
            RoundAnswer round;
            while ((round = (await client.Rounds(cancellation)).Rounds.First(r => r.Round == number)).Ended is null) await Task.Delay(look, cancellation);
            Output.Note($"round {round.Round}: {round.Phase}, {round.Reported} of {round.Invited} reported");
            held.Add(round);
        }
        return held;
    }
}
