using CitySafeSense.Cli.Terminal;
using CitySafeSense.Sdk;
using CitySafeSense.Wire;

namespace CitySafeSense.Cli.Verbs;

/// <summary>Federated rounds held with a fleet while it is connected.</summary>
internal static class FleetRounds
{
    private static readonly TimeSpan look = TimeSpan.FromMilliseconds(200);

    /// <param name="sending">The fleet; when it is done no round is begun any more.</param>
    /// <returns>Those that were held.</returns>
    public static async Task<IReadOnlyList<RoundAnswer>> Run(CitySafeClient client, StartRound start, int rounds, Task sending, CancellationToken cancellation)
    {
        var held = new List<RoundAnswer>();
        while (held.Count < rounds && !sending.IsCompleted)
        {
            while ((await client.Rounds(cancellation)).CheckedInDevices < start.Goal && !sending.IsCompleted) await Task.Delay(look, cancellation);
            if (sending.IsCompleted) break;
            var number = await client.StartRound(start, cancellation);
            RoundAnswer round;
            while ((round = (await client.Rounds(cancellation)).Rounds.First(r => r.Round == number)).Ended is null) await Task.Delay(look, cancellation);
            Output.Note($"round {round.Round}: {round.Phase}, {round.Reported} of {round.Invited} reported");
            held.Add(round);
        }
        return held;
    }
}
