namespace CitySafeSense.Wire;

/// <summary>Why a window or an event is not taken, in words: what a reason means, and what helps.</summary>
public static class RefusalReasons
{
    private static readonly Dictionary<string, string> meanings = new(StringComparer.Ordinal)
    {
        ["too_late"] = "the minutes it belongs to are closed: send within a minute of their end, and check the device's clock",
        ["too_early"] = "its time is more than two minutes ahead: check the device's clock",
        ["too_old"] = "the device has sent far later windows since then",
        ["old_epoch"] = "the device has restarted since then",
        ["too_many_events"] = "too many events of this device are remembered: send fewer",
        ["city_full"] = "its region has as many cells as it can hold",
        ["not_your_topic"] = "it names another device than the credential it came with",
        ["no_cell"] = "it names no cell, and its device is registered without one",
        ["bad_cell"] = "its cell is no H3 cell of resolution 9",
        ["bad_json"] = "it is not JSON, or not one object",
        ["bad_timestamp"] = "its timestamp is neither ISO 8601 with an offset nor Unix seconds",
        ["unknown_event"] = "its event is none that this city knows",
        ["bad_probability"] = "its probability is not 0 to 1",
        ["bad_vector"] = "its vector is not three finite numbers",
        ["bad_device_id"] = "its device is no device id",
        ["too_long"] = "it is longer than a message may be",
        ["truncated"] = "the frame ends before its values do",
        ["bad_magic"] = "it does not begin as a window frame does",
        ["unsupported_version"] = "its frame version is not known here",
        ["unknown_schema"] = "its schema of channels is not known here",
        ["bad_shape"] = "its channels or samples are not those of its schema",
        ["label_refused"] = "it carries a label, which production never takes",
        ["unknown_label"] = "its label is no class",
        ["unknown_encoding"] = "its values are encoded in a way not known here",
        ["bad_value"] = "a value is not finite, or out of range",
    };

    /// <returns>The meaning; the reason itself where it is not known here.</returns>
    public static string Explain(string reason) => meanings.GetValueOrDefault(reason, reason);

    /// <summary>Several reasons with their counts, in the order given: "too_late (3): ...; bad_cell (1): ...".</summary>
    public static string Explain(IEnumerable<KeyValuePair<string, long>> counts) => string.Join("; ", counts.Select(c => $"{c.Key} ({c.Value}): {Explain(c.Key)}"));

    /// <summary>The same of single refusals, the most frequent first.</summary>
    public static string Explain(IEnumerable<string> reasons) => Explain(
        reasons.GroupBy(r => r).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => KeyValuePair.Create(g.Key, g.LongCount())));
}
