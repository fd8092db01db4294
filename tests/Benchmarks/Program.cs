using CitySafeSense.Benchmarks.Actors;
var span = TimeSpan.FromSeconds(3);
Console.WriteLine(RuntimeUnderTest.Name + " " + RuntimeUnderTest.Version);
foreach (var a in args) switch (a)
{
    case "calls": Console.WriteLine(await ActorMeasures.Calls(false, span)); break;
    case "codec": Console.WriteLine(await ActorMeasures.Calls(true, span)); break;
    case "idle": Console.WriteLine(await ActorMeasures.IdleBytes(100_000)); break;
    case "act": Console.WriteLine(await ActorMeasures.Activations(200_000, false)); break;
    case "acts": Console.WriteLine(await ActorMeasures.Activations(200_000, true)); break;
    case "million": Console.WriteLine(await ActorMeasures.ResidentBytes(1_000_000) / 1e6); break;
}
