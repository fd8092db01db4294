namespace CitySafeSense.Sensing;

/// <summary>What a person with a phone may be doing. The order is the order of the classifier's outputs.</summary>
public enum ActivityClass : byte
{
    Stationary,
    Walking,
    SlowWalking,
    EnteringCar,
    Riding,
    ForcedMovement,
    Mugging,
}

/// <summary>The classes' names on the wire and in reports.</summary>
public static class ActivityClasses
{
    public const int Count = 7;

    public static IReadOnlyList<string> Names { get; } =
        ["stationary", "walking", "slow_walking", "entering_car", "riding", "forced_movement", "mugging"];

    /// <summary>Names of the classes that stand for harm.</summary>
    public static IReadOnlyList<string> IncidentNames { get; } = [.. Enum.GetValues<ActivityClass>().Where(IsIncident).Select(c => Names[(int)c])];

    /// <summary>Of counts by class, those of the classes that stand for harm.</summary>
    public static int IncidentsIn(IReadOnlyList<int> byClass) => Enumerable.Range(0, byClass.Count).Where(c => IsIncident((ActivityClass)c)).Sum(c => byClass[c]);

    /// <summary>The classes that stand for harm; everything else is somebody's day.</summary>
    public static bool IsIncident(ActivityClass activity) => activity is ActivityClass.ForcedMovement or ActivityClass.Mugging;
}
