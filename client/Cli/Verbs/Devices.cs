using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Wire;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`devices`: who may send to a silo.</summary>
internal static class Devices
{
    private const int PerRequest = 5000;
    private static readonly Option<bool> json = Output.JsonOption();
    private static readonly Argument<string> one = new("ID") { Description = "The device." };

    public static Command Command() => new("devices", """
        Register devices with a silo and its broker, look at them, give them new credentials, shut them out, forget them.

        A credential is printed once; the cluster keeps its hash. A device may publish and read its own topics only.

        Example: citysafe devices register lamp-post-7 --cell 89a8100c00fffff --token data/keys/operator.token
        Example: citysafe devices show lamp-post-7 --token data/keys/operator.token
        Example: mosquitto_pub --cafile data/broker/ca.pem -h 127.0.0.1 -p 8883 -u lamp-post-7 -P PASSWORD -q 1 \
                   -t citysafesense/v1/devices/lamp-post-7/events \
                   -m '{"device":"lamp-post-7","timestamp":"'$(date -u +%FT%TZ)'","event":"forced_displacement","probability":0.87,"vector":[1.5,-2,0]}'
        """) { Register(), List(), Show(), Rotate(), Revoke(), Configure(), Forget(), Audit() };

    private static Command Register()
    {
        var ids = new Argument<string[]>("ID") { Description = "Devices.", Arity = ArgumentArity.ZeroOrMore };
        var file = Paths.Input("--file", "File with one id on each line, and a cell behind a comma where a device is fixed.");
        var cell = new Option<string>("--cell") { Description = "H3 cell of resolution 9 in which the devices are fixed." };
        var owner = new Option<string>("--owner") { Description = "Whose the devices are: however many somebody has, they count as one contributor. Without it each stands for itself." };
        var command = new Command("register", "Register devices; prints their credentials, this once.") { ids, file, cell, owner, SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            DeviceToRegister[] named = [.. parse.GetValue(ids)!.Select(id => new DeviceToRegister(id, parse.GetValue(cell))), .. parse.GetValue(file) is { } list ? Read(list, parse.GetValue(cell)) : []];
            DeviceToRegister[] devices = [.. named.Select(d => d with { Owner = parse.GetValue(owner) })];
            if (devices.Length == 0) throw new ArgumentException("name devices, or a --file of them");
            var client = SiloTarget.Client(parse);
            var (credentials, started) = (new JsonArray(), TimeProvider.System.GetTimestamp());
            BrokerAnswer? broker = null;
            foreach (var some in devices.Chunk(PerRequest))
            {
                var answer = await client.RegisterDevices(new RegisterDevices(some), cancellation);
                broker = answer.Broker;
                foreach (var credential in answer.Credentials)
                {
                    if (parse.GetValue(json)) credentials.Add(new JsonObject { ["device"] = credential.Device, ["password"] = credential.Password });
                    else Output.Line($"{credential.Device} {credential.Password}");
                }
                if (devices.Length > PerRequest) Output.Note($"{credentials.Count} of {devices.Length} registered");
            }
            var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            if (parse.GetValue(json))
                Output.Json(new JsonObject { ["credentials"] = credentials, ["broker"] = broker is null ? null : new JsonObject { ["host"] = broker.Host, ["port"] = broker.Port }, ["seconds"] = Math.Round(seconds, 2) });
            Output.Note(string.Create(CultureInfo.InvariantCulture, $"{devices.Length} registered in {seconds:0.0} s{(broker is null ? "; this silo has no broker: they may send over HTTP" : $"; the broker is mqtts://{broker.Host}:{broker.Port}")}"));
            return Run.Done;
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Registered devices.") { SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var answer = await SiloTarget.Client(parse).RegisteredDevices(cancellation);
            if (parse.GetValue(json))
            {
                Output.Json(new JsonObject
                {
                    ["devices"] = new JsonArray([.. answer.Devices.Select(Describe)]),
                });
                return Run.Done;
            }
            var table = new Table().AddColumns("device", "cell", "registered", "status", "last seen", "configuration");
            foreach (var d in answer.Devices)
                table.AddRow(d.Device, d.Cell ?? "-", Time(d.Registered), d.Online switch { true => "online", false => "offline", null => "-" }, d.Seen is { } seen ? Time(seen) : "-", d.Configured == 0 ? "-" : d.Runs == d.Configured ? $"{d.Configured}" : $"{d.Configured}, runs {d.Runs?.ToString(CultureInfo.InvariantCulture) ?? "none"}");
            Output.Data.Write(table);
            return Run.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var command = new Command("show", "One device: when it was last seen, what it has learned, and which of its messages were refused, and why.") { one, SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var answer = await SiloTarget.Client(parse).Device(parse.GetValue(one)!, cancellation);
            var described = new JsonObject
            {
                ["device"] = answer.Device,
                ["registration"] = answer.Registration is { } registration ? Describe(registration) : null,
                ["windows_seen"] = answer.WindowsSeen,
                ["buffered_windows"] = answer.BufferedWindows,
                ["last_round"] = answer.LastRound,
                ["global_model"] = answer.GlobalModel,
                ["personal_model"] = answer.PersonalModel,
                ["refused"] = new JsonArray([.. answer.Refused.Select(r => new JsonObject { ["at"] = r.At.ToString("O"), ["kind"] = r.Kind, ["reason"] = r.Reason, ["meaning"] = RefusalReasons.Explain(r.Reason) })]),
            };
            if (parse.GetValue(json)) Output.Json(described);
            else Print(answer, described);
            return Run.Done;
        });
        return command;
    }

    private static void Print(DeviceAnswer answer, JsonObject described)
    {
        foreach (var (name, value) in described)
            if (value is not (JsonArray or JsonObject)) Output.Line($"{name,-16} {value?.ToString() ?? "-"}");
        if (answer.Registration is { } r) Output.Line($"registered       {Time(r.Registered)}{(r.Cell is { } cell ? $" in {cell}" : "")}; last seen {(r.Seen is { } seen ? Time(seen) : "never since this silo started")}");
        foreach (var refused in answer.Refused.Take(10)) Output.Line($"refused          {Time(refused.At)} {refused.Kind}: {refused.Reason}: {RefusalReasons.Explain(refused.Reason)}");
        if (answer.Refused.Count == 0) Output.Line("refused          nothing of late");
    }

    private static Command Rotate()
    {
        var command = new Command("rotate", "Give a device a new credential; the old one ends at once.") { one, SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var credential = (await SiloTarget.Client(parse).RotateDevice(parse.GetValue(one)!, cancellation)).Credentials[0];
            if (parse.GetValue(json)) Output.Json(new JsonObject { ["device"] = credential.Device, ["password"] = credential.Password });
            else Output.Line($"{credential.Device} {credential.Password}");
            return Run.Done;
        });
        return command;
    }

    private static Command Revoke()
    {
        var command = new Command("revoke", "Shut a device out: its credential does nothing any more, and its connection ends.") { one, SiloTarget.Address, SiloTarget.Token };
        command.SetAction(async (parse, cancellation) =>
        {
            await SiloTarget.Client(parse).RevokeDevice(parse.GetValue(one)!, cancellation);
            Output.Note($"{parse.GetValue(one)} is out");
            return Run.Done;
        });
        return command;
    }

    private static Command Configure()
    {
        var settings = new Argument<string>("SETTINGS") { Description = "A JSON object, such as '{\"secondsBetweenWindows\":30}'." };
        var command = new Command("configure", "Tell a device what to do; where it is offline it waits for it. `devices list` says which number it runs.") { one, settings, SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var number = await SiloTarget.Client(parse).ConfigureDevice(parse.GetValue(one)!, parse.GetValue(settings)!, cancellation);
            if (parse.GetValue(json)) Output.Json(new JsonObject { ["device"] = parse.GetValue(one), ["number"] = number });
            else Output.Line($"{parse.GetValue(one)} configuration {number}");
            return Run.Done;
        });
        return command;
    }

    private static Command Forget()
    {
        var command = new Command("forget", """
            Forget a device: credential, status, windows, personal model, what the log knew of its messages and slots. What cells
            have counted stays, for it names nobody. Prints the entry of the audit that proves it.
            """) { one, SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var answer = await SiloTarget.Client(parse).ForgetDevice(parse.GetValue(one)!, cancellation);
            var described = new JsonObject
            {
                ["device"] = answer.Device,
                ["credential"] = answer.Credential,
                ["learned"] = answer.Learned,
                ["delivered"] = answer.Delivered,
                ["willing"] = answer.Willing,
                ["audit"] = Describe(answer.Audit),
            };
            if (parse.GetValue(json)) Output.Json(described);
            else foreach (var (name, value) in described) Output.Line($"{name,-12} {value?.ToJsonString()}");
            return Run.Done;
        });
        return command;
    }

    private static Command Audit()
    {
        var command = new Command("audit", "What was forgotten, newest first; each entry names the one before it by hash.") { SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var answer = await SiloTarget.Client(parse).Audit(cancellation);
            if (parse.GetValue(json)) Output.Json(new JsonObject { ["entries"] = new JsonArray([.. answer.Entries.Select(Describe)]) });
            else foreach (var entry in answer.Entries) Output.Line($"{entry.Number} {entry.At.ToString("u", CultureInfo.InvariantCulture)} {entry.Action} {entry.Subject} ({entry.Detail}) {entry.Hash}");
            return Run.Done;
        });
        return command;
    }

    private static string Time(DateTimeOffset at) => at.ToString("u", CultureInfo.InvariantCulture);

    private static JsonObject Describe(RegisteredDeviceAnswer d) => new()
    {
        ["device"] = d.Device,
        ["cell"] = d.Cell,
        ["owner"] = d.Owner,
        ["registered"] = d.Registered.ToString("O"),
        ["online"] = d.Online,
        ["seen"] = d.Seen?.ToString("O"),
        ["configured"] = d.Configured,
        ["runs"] = d.Runs,
    };

    private static JsonObject Describe(AuditEntryAnswer entry) => new()
    {
        ["number"] = entry.Number,
        ["at"] = entry.At.ToString("O"),
        ["action"] = entry.Action,
        ["subject"] = entry.Subject,
        ["detail"] = entry.Detail,
        ["previous"] = entry.Previous,
        ["hash"] = entry.Hash,
    };

    private static IEnumerable<DeviceToRegister> Read(FileInfo list, string? cell)
    {
        return File.ReadLines(list.FullName).Where(line => line.Trim().Length > 0).Select(line => line.Split(',', 2, StringSplitOptions.TrimEntries)).Select(parts => new DeviceToRegister(parts[0], parts.Length > 1 ? parts[1] : cell));
    }
}
