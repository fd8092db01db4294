namespace CitySafeSense.Hotspots;

/// <summary>A way out of a cell, or into it: to one of the cells beside it, in the order of <see cref="H3.Neighbours"/>, or further at once.</summary>
public static class Side
{
    /// <summary>Six neighbours and what lies beyond.</summary>
    public const int Count = 7;

    public const int Beyond = 6;

    /// <summary>On which side of a cell another lies.</summary>
    public static int Of(CellId cell, CellId other)
    {
        var neighbours = H3.Neighbours(cell);
        for (var side = 0; side < neighbours.Count; side++)
            if (neighbours[side] == other) return side;
        return Beyond;
    }
}

/// <summary>A device has left one cell for another.</summary>
/// <param name="StayedSeconds">How long it had been in the one it left, as far as it was heard there.</param>
public readonly record struct Crossing(CellId From, CellId To, int StayedSeconds);

/// <summary>
/// Where a device is and since when: all that is needed to see it cross from cell to cell. It is kept in memory, with what
/// the device last sent, and never stored: what becomes of a crossing is two counts, one in each cell.
/// </summary>
public readonly record struct Stay(CellId Cell, long Since, long Heard)
{
    /// <summary>A device silent for longer may have been anywhere: it is somewhere anew, and has crossed nothing.</summary>
    public const int SilenceSeconds = 600;

    /// <summary>Takes in where a device is heard next; what comes late changes nothing.</summary>
    /// <param name="before">Nothing where the device was not heard before.</param>
    public static (Stay Now, Crossing? Crossing) Next(Stay? before, CellId cell, long unixSeconds)
    {
        if (before is not { } stay || unixSeconds - stay.Heard > SilenceSeconds) return (new(cell, unixSeconds, unixSeconds), null);
        if (unixSeconds < stay.Heard) return (stay, null);
        if (cell == stay.Cell) return (stay with { Heard = unixSeconds }, null);
        return (new(cell, unixSeconds, unixSeconds), new(stay.Cell, cell, (int)Math.Min(int.MaxValue, unixSeconds - stay.Since)));
    }
}
