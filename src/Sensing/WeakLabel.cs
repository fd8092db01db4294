namespace CitySafeSense.Sensing;

/// <summary>A label that a rule gives, without anybody being asked: satellite speed says riding. Incidents are never labelled so.</summary>
public static class WeakLabel
{
    /// <summary>Faster than people run for two seconds.</summary>
    public const float RidingMetresPerSecond = 7;

    private const int Speed = 6;

    /// <returns>Nothing where the rule says nothing.</returns>
    public static ActivityClass? Of(SensorWindow window)
    {
        if (!window.Has(ChannelGroups.Gnss)) return null;
        var sum = 0f;
        foreach (var speed in window[Speed]) sum += speed;
        return sum / window.Schema.Samples > RidingMetresPerSecond ? ActivityClass.Riding : null;
    }
}
