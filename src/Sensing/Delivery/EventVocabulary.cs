namespace CitySafeSense.Sensing;

/// <summary>What devices call the classes when they report one as an event.</summary>
public static class EventVocabulary
{
    private static readonly string[] names = ["stationary", "walking", "slow_walking", "entering_vehicle", "riding_vehicle", "forced_displacement", "sudden_displacement", "unusual_scene"];

    public static IReadOnlyList<string> Names => names;

    public static string Of(ActivityClass activity) => names[(int)activity];

    /// <summary>Nothing where the word is none of these.</summary>
    public static ActivityClass? Find(string name) => Array.IndexOf(names, name) is >= 0 and var index ? (ActivityClass)index : null;
}
