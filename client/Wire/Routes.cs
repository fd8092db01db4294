namespace CitySafeSense.Wire;

/// <summary>Where the API answers.</summary>
public static class Routes
{
    public const string Health = "/healthz";
    public const string Windows = "/api/v1/windows";
    public const string Events = "/api/v1/events";
    public const string DeadLetters = "/api/v1/dead-letters";
    public const string Ingest = "/api/v1/ingest";
    public const string Hotspots = "/api/v1/hotspots";
    public const string Alarms = "/api/v1/alarms";
    public const string AlarmRules = "/api/v1/alarms/rules";
    public const string Rounds = "/api/v1/rounds";
    public const string Devices = "/api/v1/devices";
    public const string Audit = "/api/v1/audit";
    public const string Models = "/api/v1/models";
    public const string Release = "/api/v1/models/release";
    public const string SimulationClock = "/api/v1/simulation/clock";
    public const string SimulationSettle = "/api/v1/simulation/settle";

    /// <summary>The media type of length-prefixed window frames.</summary>
    public const string WindowFrames = "application/x-citysafesense-windows";
}
