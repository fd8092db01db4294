namespace CitySafeSense.Sensing;

/// <summary>What a device may notice. The order of all but the last is the order of the classifier's outputs.</summary>
public enum ActivityClass : byte
{
    Stationary,
    Walking,
    SlowWalking,
    EnteringCar,
    Riding,
    ForcedMovement,
    Mugging,

    /// <summary>A room looks as it never does: noticed by a camera, not by the classifier.</summary>
    UnusualScene,
}

/// <summary>The classes' names on the wire and in reports.</summary>
public static class ActivityClasses
{
    /// <summary>Of the classifier.</summary>
    public const int Count = 7;

    /// <summary>Of those that cells count: the classifier's, and what cameras notice.</summary>
    public const int Counted = Count + 1;

    /// <summary>Of the classifier.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["stationary", "walking", "slow_walking", "entering_car", "riding", "forced_movement", "mugging"];

    public static IReadOnlyList<string> CountedNames { get; } = [.. Names, "unusual_scene"];

    /// <summary>Names of the classes that stand for harm.</summary>
    public static IReadOnlyList<string> IncidentNames { get; } = [.. Enum.GetValues<ActivityClass>().Where(IsIncident).Select(c => Names[(int)c])];

    /// <summary>Of counts by class, those of the classes that stand for harm.</summary>
    public static int IncidentsIn(IReadOnlyList<int> byClass) => Enumerable.Range(0, byClass.Count).Where(c => IsIncident((ActivityClass)c)).Sum(c => byClass[c]);

    /// <summary>The classes that stand for harm; everything else is somebody's day.</summary>
    public static bool IsIncident(ActivityClass activity) => activity is ActivityClass.ForcedMovement or ActivityClass.Mugging;
}
