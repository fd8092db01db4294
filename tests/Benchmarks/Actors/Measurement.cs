using System.Globalization;
using System.Text.Json.Nodes;

namespace CitySafeSense.Benchmarks.Actors;

/// <summary>One measurement in a process of its own, so that none warms or fills the other's heap: the child's side.</summary>
internal static class Measurement
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(3);

    public static async Task<JsonObject> Take(string name, string? place) => name switch
    {
        "calls" => Of(await ActorMeasures.Calls(byteCodec: false, Span)),
        "codec" => Of(await ActorMeasures.Calls(byteCodec: true, Span)),
        "idle" => Of(await ActorMeasures.IdleBytes(100_000)),
        "activations" => Of(await ActorMeasures.Activations(200_000, withState: false)),
        "stateful" => Of(await ActorMeasures.Activations(200_000, withState: true)),
        "million" => Of(await ActorMeasures.ResidentBytes(1_000_000)),
        "postgres" => Of(await Writes(await RuntimeUnderTest.OnPostgres(place!))),
        "sqlite" => Of(await Writes(await RuntimeUnderTest.OnSqlite(place!))),
        _ => throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"\"{name}\" is no measurement")),
    };

    private static async Task<double> Writes(RuntimeUnderTest runtime)
    {
        await using (runtime) return await ActorMeasures.Writes(runtime, Span);
    }

    private static JsonObject Of(double value) => new() { ["value"] = value, ["version"] = RuntimeUnderTest.Version };

    private static JsonObject Of((double PerCpuSecond, double BytesPerCall) calls) => new() { ["value"] = calls.PerCpuSecond, ["bytes"] = calls.BytesPerCall, ["version"] = RuntimeUnderTest.Version };
}
