using System.Globalization;
using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.City;

/// <summary>
/// A virtual person with a virtual phone who walks, rides and waits between places of the city, and sends one window now and
/// then. Its position stays here; what leaves is the window and the cell.
/// </summary>
public sealed class Resident
{
    private readonly VirtualCity city;
    private readonly Rng rng;
    private readonly PersonSignal signal;
    private readonly double drillShare;
    private readonly ulong epoch;
    private LatLng position;
    private LatLng destination;
    private ActivityClass activity = ActivityClass.Stationary;
    private double untilChangeSeconds;
    private ulong sequence;

    /// <param name="index">The person of the seed's population; also the device.</param>
    /// <param name="drillShare">Share of windows in which an incident class is acted out anywhere, so that there is something to learn from.</param>
    /// <param name="epoch">Of the device's messages: higher after each restart.</param>
    public Resident(VirtualCity city, ulong seed, int index, double drillShare, ulong epoch = 1)
    {
        this.epoch = epoch;
        this.city = city;
        this.drillShare = drillShare;
        rng = Rng.For(seed, "resident", index.ToString(CultureInfo.InvariantCulture));
        signal = new PersonSignal(Person.Draw(seed, index), rng);
        Device = string.Create(CultureInfo.InvariantCulture, $"virtual-{seed}-{index:D5}");
        position = city.DrawPlace(rng);
        destination = city.DrawPlace(rng);
    }

    public string Device { get; }

    /// <summary>Lives on for some seconds and answers the window sampled at their end, as a frame, with the cell it was in.</summary>
    public (byte[] Frame, CellId Cell, ActivityClass Truth) Next(DateTimeOffset now, double secondsSinceLast, IReadOnlyList<Incident> incidents)
    {
        Live(secondsSinceLast);
        var cell = H3.LatLngToCell(position, VirtualCity.CellResolution);
        var truth = incidents.Any(i => i.Covers(cell, now) && rng.Chance(i.Share)) || rng.Chance(drillShare)
            ? rng.Chance(0.6) ? ActivityClass.Mugging : ActivityClass.ForcedMovement
            : activity;
        var (east, north) = VirtualCity.Way(position, destination);
        signal.Head(Elementary.Atan2(north, east));
        var window = signal.Next(truth, Manoeuvres.Draw(truth, rng));
        var header = new WindowHeader(Device, epoch, ++sequence, now.ToUnixTimeMilliseconds(), cell.Value, PositionQuality: 2, (byte)truth);
        return (WindowFrame.Encode(header, window), cell, truth);
    }

    private void Live(double seconds)
    {
        untilChangeSeconds -= seconds;
        if (untilChangeSeconds <= 0)
        {
            (activity, untilChangeSeconds) = NextActivity();
            if (VirtualCity.DistanceMetres(position, destination) < 60) destination = city.DrawPlace(rng);
        }
        var speed = activity switch
        {
            ActivityClass.Walking => 1.3,
            ActivityClass.SlowWalking => 0.7,
            ActivityClass.Riding => 6.0,
            _ => 0,
        };
        var (east, north) = VirtualCity.Way(position, destination);
        var distance = Math.Sqrt(east * east + north * north);
        if (distance < 1 || speed == 0) return;
        var step = Math.Min(speed * seconds, distance) / distance;
        var next = VirtualCity.Move(position, east * step, north * step);
        if (city.Contains(H3.LatLngToCell(next, VirtualCity.CellResolution))) position = next;
        else destination = city.DrawPlace(rng); // the straight way leaves the city: go elsewhere
    }

    private (ActivityClass, double Seconds) NextActivity() => activity switch
    {
        ActivityClass.EnteringCar => (ActivityClass.Riding, rng.Uniform(90, 300)),
        ActivityClass.Riding => (ActivityClass.Walking, rng.Uniform(60, 240)),
        ActivityClass.Stationary => (rng.Chance(0.7) ? ActivityClass.Walking : ActivityClass.SlowWalking, rng.Uniform(60, 300)),
        _ => rng.NextDouble() switch
        {
            < 0.30 => (ActivityClass.Stationary, rng.Uniform(60, 400)),
            < 0.55 => (ActivityClass.EnteringCar, 30),
            < 0.75 => (ActivityClass.SlowWalking, rng.Uniform(60, 240)),
            _ => (ActivityClass.Walking, rng.Uniform(60, 300)),
        },
    };
}
