using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Numerics;
using CitySafeSense.Recordings;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.Silo.Ports;

/// <summary>Windows that versions are judged by before they go out: of a file, or in simulation of virtual people who are nobody else's.</summary>
public sealed class HeldOutWindows(IReadOnlyList<(SensorWindow Window, int Label)> windows) : IHeldOutWindows
{
    private const int People = 20, WindowsOfEach = 20;

    public static HeldOutWindows None { get; } = new([]);

    public IReadOnlyList<(SensorWindow Window, int Label)> Windows => windows;

    /// <exception cref="Sensing.Recordings.RecordingException">The file is not one of labelled windows.</exception>
    public static HeldOutWindows For(SiloOptions options)
    {
        if (options.HeldOutFile is { } file)
        {
            using var stream = File.OpenRead(file);
            return new([.. WindowTable.Read(stream, Path.GetFileName(file)).Select(w => (w.Window, (int)w.Label))]);
        }
        if (options.City.Privacy != PrivacyMode.Simulation) return None;
        var seed = Rng.For(options.Seed, "held out").NextUInt64();
        return new([.. Enumerable.Range(0, People).SelectMany(p => SyntheticPeople.Draw(seed, p, WindowsOfEach)).Select(w => (w.Window, (int)w.Label))]);
    }
}
