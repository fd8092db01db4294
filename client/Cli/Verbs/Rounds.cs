using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Sdk;
using CitySafeSense.Wire;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`rounds`: federated rounds of a silo that runs.</summary>
internal static class Rounds
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly Option<bool> json = Output.JsonOption();

    public static Command Command() => new("rounds", """
        Start federated rounds on a silo that runs, and look at them.

        Example: citysafe rounds start --goal 100 --token data/keys/operator.token
        Example: citysafe rounds watch --token data/keys/operator.token
        """) { Start(), List(), Show(), Watch() };

    private static Command Start()
    {
        var options = new RoundOptions();
        var command = new Command("start", """
            Start the next round and print its number. It is refused where fewer devices than its goal would take part.

            Example: citysafe rounds start --goal 100 --strategy fedala --epochs 3 --optimiser adam --learning-rate 0.003
            """) { SiloTarget.Address, SiloTarget.Token, json };
        options.AddTo(command);
        command.SetAction(async (parse, cancellation) =>
        {
            var number = await SiloTarget.Client(parse).StartRound(options.Read(parse), cancellation);
            if (parse.GetValue(json)) Output.Json(new JsonObject { ["round"] = number });
            else Output.Data.WriteLine(number.ToString(CultureInfo.InvariantCulture));
            return Run.Done;
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "The last rounds, newest first.") { SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var answer = await SiloTarget.Client(parse).Rounds(cancellation);
            if (parse.GetValue(json)) Output.Json(new JsonObject { ["checkedIn"] = answer.CheckedInDevices, ["rounds"] = new JsonArray([.. answer.Rounds.Select(Describe)]) });
            else
            {
                var table = new Table().AddColumns("round", "phase", "strategy", "invited", "reported", "clipped", "loss", "bytes", "epsilon");
                foreach (var r in answer.Rounds) table.AddRow(Cells(r));
                Output.Data.Write(table);
                Output.Data.WriteLine($"{answer.CheckedInDevices} devices would take part");
            }
            return Run.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var number = new Argument<int>("round") { Description = "Its number." };
        var command = new Command("show", "One round.") { number, SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            Print(parse, await Find(SiloTarget.Client(parse), parse.GetValue(number), cancellation));
            return Run.Done;
        });
        return command;
    }

    private static Command Watch()
    {
        var number = new Argument<int?>("round") { Description = "Its number; the newest where it is left out.", DefaultValueFactory = _ => null };
        var command = new Command("watch", "Look at a round until it is over; exit code 1 if it was abandoned.") { number, SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var (client, wanted, said) = (SiloTarget.Client(parse), parse.GetValue(number), "");
            while (true)
            {
                var round = await Find(client, wanted, cancellation);
                wanted = round.Round;
                var line = $"round {round.Round}: {round.Phase}, {round.Reported} of {round.Invited} reported";
                if (line != said) Output.Note(said = line);
                if (round.Ended is null)
                {
                    await Task.Delay(Look, cancellation);
                    continue;
                }
                Print(parse, round);
                return round.Phase == "Committed" ? Run.Done : Run.Failed;
            }
        });
        return command;
    }

    private static async Task<RoundAnswer> Find(CitySafeClient client, int? number, CancellationToken cancellation)
    {
        var rounds = (await client.Rounds(cancellation)).Rounds;
        return (number is null ? rounds.FirstOrDefault() : rounds.FirstOrDefault(r => r.Round == number))
            ?? throw new CommandFailedException(number is null ? "there was no round yet: citysafe rounds start" : $"there was no round {number} among the last {rounds.Count}");
    }

    private static void Print(ParseResult parse, RoundAnswer round)
    {
        if (parse.GetValue(json)) Output.Json(Describe(round));
        else foreach (var (name, value) in Describe(round)) Output.Data.WriteLine($"{name,-12} {value?.ToString() ?? "-"}");
    }

    public static JsonObject Describe(RoundAnswer r) => new()
    {
        ["round"] = r.Round,
        ["phase"] = r.Phase,
        ["strategy"] = r.Strategy,
        ["base"] = r.BaseModel,
        ["outcome"] = r.Outcome,
        ["invited"] = r.Invited,
        ["reported"] = r.Reported,
        ["clipped"] = r.Clipped,
        ["mean_loss"] = r.MeanLoss,
        ["update_bytes"] = r.UpdateBytes,
        ["epsilon"] = r.Epsilon,
        ["declined"] = r.Declined,
        ["started"] = r.Started,
        ["ended"] = r.Ended,
    };

    private static string[] Cells(RoundAnswer r) =>
    [
        r.Round.ToString(CultureInfo.InvariantCulture), r.Phase, r.Strategy, r.Invited.ToString(CultureInfo.InvariantCulture), r.Reported.ToString(CultureInfo.InvariantCulture),
        r.Clipped.ToString(CultureInfo.InvariantCulture), r.MeanLoss.ToString("F4", CultureInfo.InvariantCulture), r.UpdateBytes.ToString(CultureInfo.InvariantCulture),
        r.Epsilon?.ToString("F3", CultureInfo.InvariantCulture) ?? "-",
    ];
}
