using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Wire;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`models`: versions of the global model of a silo that runs, and which of them devices answer with.</summary>
internal static class Models
{
    private static readonly Option<bool> json = Output.JsonOption();

    public static Command Command() => new("models", """
        Look at the versions of a silo's model, and decide which one devices answer with.

        A committed version is not released yet: it is asked in the shadow of the released one, then a share of
        the devices answers with it, then all. It goes on when it is no worse on labelled held-out windows, by accuracy
        and for each incident class, and alarms about as often; `serve --release by-hand` leaves that to `models promote`. Rounds train on from the newest
        version whatever is released.

        Example: citysafe models list --token data/keys/operator.token
        Example: citysafe models rollback --token data/keys/operator.token
        """)
    {
        List(), Promote(),
        Change("rollback", "Take the version on trial back; without one, go back to the version before. Nothing new is tried until `models unpin`.", "rollback"),
        Pin(),
        Change("unpin", "Let new versions be tried again.", "unpin"),
    };

    private static Command List()
    {
        var command = new Command("list", "Versions, newest first, and what happened to them.") { SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var answer = await SiloTarget.Client(parse).Models(cancellation);
            if (parse.GetValue(json))
            {
                Output.Json(new JsonObject
                {
                    ["versions"] = new JsonArray([.. answer.Versions.Select(v => new JsonObject
                    {
                        ["version"] = v.Version, ["hash"] = v.Hash, ["round"] = v.Round, ["strategy"] = v.Strategy, ["clients"] = v.Clients, ["trained_on"] = v.TrainedOn, ["committed"] = v.Committed.ToString("O", CultureInfo.InvariantCulture), ["mean_loss"] = v.MeanLoss, ["epsilon"] = v.Epsilon, ["use"] = Use(v, answer.Release),
                    })]),
                    ["release"] = Describe(answer.Release),
                });
                return Run.Done;
            }
            var table = new Table().AddColumns("version", "round", "strategy", "clients", "loss", "epsilon", "hash", "use");
            foreach (var v in answer.Versions)
                table.AddRow(Text(v.Version), Text(v.Round), v.Strategy, Text(v.Clients), v.MeanLoss?.ToString("F4", CultureInfo.InvariantCulture) ?? "-", v.Epsilon?.ToString("F3", CultureInfo.InvariantCulture) ?? "-", v.Hash[..12], Use(v, answer.Release));
            Output.Data.Write(table);
            Print(answer.Release);
            return Run.Done;
        });
        return command;
    }

    private static Command Promote()
    {
        var version = new Argument<int?>("version") { Description = "Puts this one on trial; left out, the one on trial goes a stage further.", DefaultValueFactory = _ => null };
        var force = new Option<bool>("--force") { Description = "Even if it has not shown yet what it must." };
        var command = new Command("promote", "Move the version on trial a stage further, or put another on trial.") { version, force, SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction((parse, cancellation) => Send(parse, new ChangeRelease("promote", parse.GetValue(version), parse.GetValue(force)), cancellation));
        return command;
    }

    private static Command Pin()
    {
        var version = new Argument<int>("version") { Description = "Its number." };
        var command = new Command("pin", "This version and no other, until `models unpin`.") { version, SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction((parse, cancellation) => Send(parse, new ChangeRelease("pin", parse.GetValue(version)), cancellation));
        return command;
    }

    private static Command Change(string name, string description, string action)
    {
        var command = new Command(name, description) { SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction((parse, cancellation) => Send(parse, new ChangeRelease(action), cancellation));
        return command;
    }

    private static async Task<int> Send(ParseResult parse, ChangeRelease change, CancellationToken cancellation)
    {
        var release = await SiloTarget.Client(parse).ChangeRelease(change, cancellation);
        if (parse.GetValue(json)) Output.Json(Describe(release));
        else Print(release);
        return Run.Done;
    }

    private static void Print(ReleaseAnswer release)
    {
        Output.Data.WriteLine($"released: {Named(release.Released)}{(release.IsHeld ? ", held" : "")}; before it: {Named(release.Before)}; on trial: {(release.Candidate == 0 ? "none" : $"{release.Candidate} ({release.Stage.ToLowerInvariant()})")}; {release.Standing}");
        if (release.Warning is { } warning) Output.Data.WriteLine($"warning: {warning}");
        foreach (var e in release.Events.Take(12)) Output.Data.WriteLine($"{e.At.ToString("u", CultureInfo.InvariantCulture)}  version {e.Version}: {e.What}");
    }

    private static JsonObject Describe(ReleaseAnswer release) => new()
    {
        ["released"] = release.Released,
        ["before"] = release.Before,
        ["candidate"] = release.Candidate,
        ["stage"] = release.Stage,
        ["held"] = release.IsHeld,
        ["standing"] = release.Standing,
        ["warning"] = release.Warning,
        ["events"] = new JsonArray([.. release.Events.Select(e => new JsonObject { ["at"] = e.At.ToString("O", CultureInfo.InvariantCulture), ["version"] = e.Version, ["what"] = e.What })]),
    };

    private static string Use(ModelAnswer version, ReleaseAnswer release) =>
        version.Version == release.Released ? "released" : version.Version == release.Candidate ? release.Stage.ToLowerInvariant() : "";

    private static string Named(int version) => version == 0 ? "none" : Text(version);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
