namespace CitySafeSense.Load;

/// <summary>What a load generator is told.</summary>
public sealed record LoadOptions
{
    public required Uri Target { get; init; }
    public required string OperatorToken { get; init; }
    public int Devices { get; init; } = 1000;
    public int Cells { get; init; } = 60;

    /// <summary>Minutes of the virtual city's time.</summary>
    public double Minutes { get; init; } = 30;

    /// <summary>Virtual seconds between two windows of one device.</summary>
    public double SecondsBetweenWindows { get; init; } = 30;

    /// <summary>At most this many windows per real second; 0 = as fast as they are taken.</summary>
    public double WindowsPerSecond { get; init; }

    public double DrillShare { get; init; } = 0.10;
    public int Incidents { get; init; } = 1;
    public ulong Seed { get; init; } = 1;
    public int Connections { get; init; } = 8;
    public int WindowsPerRequest { get; init; } = 128;

    /// <summary>Share of acknowledged requests that are sent once more, as by devices that never heard the answer.</summary>
    public double RepeatShare { get; init; }

    /// <summary>Whether the silo does nothing by itself between two steps: then a run is the same on a machine of any speed.</summary>
    public bool IsStepped { get; init; }

    /// <summary>When the virtual day begins, in a city that nobody has lived in yet.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    /// <summary>How long an unanswered request is tried again before the run fails.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        Require(Devices is >= 1 and <= 100_000, "devices", "1 to 100000");
        Require(Cells is >= 1 and <= City.VirtualCity.MaxCells, "cells", $"1 to {City.VirtualCity.MaxCells}");
        Require(Minutes is > 0 and <= 24 * 60, "minutes", "above 0 and up to 1440");
        Require(SecondsBetweenWindows is >= 2 and <= 3600, "seconds between windows", "2 to 3600");
        Require(WindowsPerSecond is >= 0 and <= 1e6, "windows per second", "0 (no bound) to 1000000");
        Require(DrillShare is >= 0 and <= 1, "drill share", "0 to 1");
        Require(RepeatShare is >= 0 and <= 1, "repeat share", "0 to 1");
        Require(Incidents >= 0 && Incidents <= Cells, "incidents", "0 to the number of cells");
        Require(Connections is >= 1 and <= 256, "connections", "1 to 256");
        Require(WindowsPerRequest is >= 1 and <= 2048, "windows per request", "1 to 2048");
    }

    private static void Require(bool holds, string setting, string range)
    {
        if (!holds) throw new ArgumentException($"{setting} must be {range}");
    }
}
