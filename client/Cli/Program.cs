using CitySafeSense.Cli.Terminal;
using CitySafeSense.Cli.Verbs;
#if !ORLEANS
using CitySafeSense.Cli.Verbs.Federated;
#endif
using CitySafeSense.Cli.Verbs.Privacy;

var root = new RootCommand("""
    CitySafeSense notices risky mobility patterns in a city without watching anyone.

    Start with `citysafe demo`: it runs a virtual city against a real silo and ends with a table.
    Results go to stdout, progress and logs to stderr; --json prints a result as JSON.
    From a checkout of the sources also: citysafe test (everything that must pass), citysafe bench actors|learning (beside peers).
    Exit codes: 0 done, 1 failed, 2 misused.
    """)
{
    new Command("data", "Make or look at windows and recordings.") { DataSynth.Command(), DataInfo.Command() },
    Train.Command(),
    Evaluate.Command(),
    Export.Command(),
    new Command("simulate", "Run experiments with virtual devices.")
    {
#if !ORLEANS
        SimulateFl.Command(),
        SimulateStudy.Command(),
        SimulateRooms.Command(),
        SimulateMicro.Command(),
#endif
        SimulateCity.Command(),
        SimulateFleet.Command(),
    },
    Serve.Command(),
    Rounds.Command(),
    Models.Command(),
    Devices.Command(),
    HotspotVerbs.Command(),
    AlarmVerbs.Command(),
    PrivacyVerbs.Command(),
    EdgeVerbs.Command(),
    VideoVerbs.Command(),
    Demo.Command(),
#if !ORLEANS
    ResultsVerb.Command(),
#endif
    new Command("storage", "Look after databases.") { StorageInit.Command() },
    new Command("verify", "Try to break a promise, and say whether it held.")
    {
        VerifyRestart.Command(),
        VerifyStorage.Command(),
        VerifyIngest.Command(),
        VerifyFlood.Command(),
#if !ORLEANS
        VerifyRounds.Command(),
        VerifyPrivacy.Command(),
#endif
        StorageWriter.Command(),
    },
};

Run.ReportUnhandledExceptions(args);
return await Run.Invoke(root, args);
