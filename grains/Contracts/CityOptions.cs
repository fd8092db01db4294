namespace CitySafeSense.Contracts;

public enum PrivacyMode
{
    /// <summary>Real devices: only released, noisy values are ever shown, and a label on the wire is refused.</summary>
    Production,

    /// <summary>Virtual devices only: exact counts above k, and every answer says that it is synthetic.</summary>
    Simulation,
}

/// <summary>What all grains of a city are told.</summary>
public sealed record CityOptions
{
    public PrivacyMode Privacy { get; init; } = PrivacyMode.Production;
    public int BinSeconds { get; init; } = 300;
    public int LatenessSeconds { get; init; } = 60;

    /// <summary>Nothing is shown of fewer contributors.</summary>
    public int Contributors { get; init; } = 10;

    /// <summary>Hours of a week in which a device is counted in what is released; more hours, more noise in each.</summary>
    public int ReleaseSlots { get; init; } = 24;

    public string Population { get; init; } = "default";

    /// <summary>What models learn from here, for those who are shown one.</summary>
    public string TrainedOn => Privacy == PrivacyMode.Simulation ? "synthetic signals of virtual devices" : "windows of enrolled devices";

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        if (BinSeconds is < 10 or > 3600 || 3600 % BinSeconds != 0) throw new ArgumentException("bin seconds must divide an hour and be 10 to 3600");
        if (LatenessSeconds is < 0 or > 3600) throw new ArgumentException("lateness seconds must be 0 to 3600");
        if (Contributors is < 2 or > 64) throw new ArgumentException("contributors (k) must be 2 to 64");
        if (ReleaseSlots is < 1 or > 168) throw new ArgumentException("release slots must be 1 to 168 hours of the week");
        if (Privacy == PrivacyMode.Production && Contributors < 10) throw new ArgumentException("production shows nothing of fewer than 10 contributors");
    }
}
