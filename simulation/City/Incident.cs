using CitySafeSense.Hotspots;

namespace CitySafeSense.City;

/// <summary>A stretch of time in which harm is done in one cell: of the windows people send from there, this share are of it.</summary>
public sealed record Incident(CellId Cell, DateTimeOffset Start, DateTimeOffset End, double Share)
{
    public bool Covers(CellId cell, DateTimeOffset at) => cell == Cell && at >= Start && at < End;
}
