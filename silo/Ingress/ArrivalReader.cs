using System.Text.Json;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Hotspots;
using CitySafeSense.Sensing;

namespace CitySafeSense.Silo.Ingress;

/// <summary>What an arrival says, once it has been read and found to be in order.</summary>
/// <param name="Window">The frame, for the device's model; nothing for an event, which is classified already.</param>
internal sealed record ReadArrival(string Device, ulong Epoch, ulong? Sequence, TakenEvent? Event, long UnixMilliseconds, CellId Cell, byte[]? Window, DeviceEvent? Happened);

/// <summary>Reads arrivals and says by name what is wrong with them: form first, then sender, time and place.</summary>
internal sealed class ArrivalReader(CityOptions city, ICityClock clock)
{
    public const int CellResolution = 9;

    /// <summary>An event says no place; it is read again with the place where its device is registered, if it is.</summary>
    public const string NoCell = "no_cell";

    private static readonly TimeSpan skewMax = TimeSpan.FromMinutes(2);
    private readonly BinClock bins = new(city.BinSeconds, city.LatenessSeconds);

    /// <param name="home">Where the device is registered, for events without a cell.</param>
    /// <returns>What it says as far as it could be read, and the reason if it is refused.</returns>
    public (ReadArrival? Read, string? Refusal) Read(Arrival arrival, ulong? home = null) => arrival.Kind == DeviceTopic.Events ? ReadEvent(arrival, home) : ReadWindow(arrival);

    private (ReadArrival?, string?) ReadWindow(Arrival arrival)
    {
        var rejection = WindowFrame.Decode(arrival.Payload, city.Privacy == PrivacyMode.Simulation, out var header, out _);
        if (rejection != FrameRejection.None) return (null, Name(rejection.ToString()));
        var read = new ReadArrival(header!.Device, header.Epoch, header.Sequence, null, header.DeviceTimeMilliseconds, new CellId(header.Cell), arrival.Payload, null);
        return (read, header.Label >= ActivityClasses.Count ? Name(nameof(FrameRejection.UnknownLabel)) : Check(arrival, read));
    }

    private (ReadArrival?, string?) ReadEvent(Arrival arrival, ulong? home)
    {
        var rejection = DeviceEventJson.Decode(arrival.Payload, out var happened);
        if (rejection != EventRejection.None) return (null, Name(rejection.ToString()));
        var cell = happened!.Cell ?? home;
        var read = new ReadArrival(happened.Device, 0, null, new TakenEvent(happened.UnixMilliseconds, happened.Activity), happened.UnixMilliseconds, new CellId(cell ?? 0), null, happened);
        return (read, cell is null ? NoCell : Check(arrival, read));
    }

    private string? Check(Arrival arrival, ReadArrival read)
    {
        if (arrival.Device is { } sender && sender != read.Device) return "not_your_topic";
        if (!read.Cell.IsValid || read.Cell.Resolution != CellResolution) return "bad_cell";
        var (now, sent) = (clock.Now, read.UnixMilliseconds / 1000);
        if (city.Privacy == PrivacyMode.Production && sent > (now + skewMax).ToUnixTimeSeconds()) return "too_early";
        return bins.IsClosed(bins.StartOf(sent), now.ToUnixTimeSeconds()) ? "too_late" : null;
    }

    /// <summary>BadShape becomes bad_shape.</summary>
    private static string Name(string rejection) => JsonNamingPolicy.SnakeCaseLower.ConvertName(rejection);
}
