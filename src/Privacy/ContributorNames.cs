namespace CitySafeSense.Privacy;

/// <summary>Under which names a device's contribution goes on: keyed hashes, each for one purpose.</summary>
/// <param name="Device">Its row in the ingest log.</param>
/// <param name="Owner">Whose it is: the row of what they were counted for.</param>
/// <param name="Contributor">For one bin of one place: it tells two owners apart there and nowhere else.</param>
/// <param name="Slot">The owner's hour in the release, or none.</param>
public readonly record struct ContributorNames(ulong Device, ulong Owner, ulong Contributor, ulong Slot)
{
    /// <param name="owner">The device itself where it stands for itself.</param>
    /// <param name="place">The cell within which small cells are merged: contributors must be told apart over all of it.</param>
    /// <param name="bin">Start of the bin.</param>
    public static ContributorNames Of(KeyedPseudonym key, string device, string owner, ulong place, long bin, long unixSeconds, int slotsPerWeek)
    {
        var name = key.OfDevice(device);
        return new(name, owner == device ? name : key.OfDevice(owner), key.OfContributor(owner, place, bin), key.OfSlot(owner, unixSeconds, slotsPerWeek));
    }
}
