using System.Collections.Immutable;

namespace Orleans.Runtime;

/// <summary>
/// Values that go along with calls: what is set before a call is seen by the grain called and by those it calls in turn. What
/// a callee sets does not come back. Values are not copied.
/// </summary>
public static class RequestContext
{
    private static readonly AsyncLocal<ImmutableDictionary<string, object>?> Flowing = new();

    /// <summary>The names that are set.</summary>
    public static IEnumerable<string> Keys => Flowing.Value?.Keys ?? [];

    public static IEnumerable<KeyValuePair<string, object>> Entries => Flowing.Value ?? ImmutableDictionary<string, object>.Empty;

    /// <summary>What goes along; null is nothing.</summary>
    internal static ImmutableDictionary<string, object>? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    public static object? Get(string key) => Flowing.Value?.GetValueOrDefault(key);

    public static void Set(string key, object value) => Flowing.Value = (Flowing.Value ?? ImmutableDictionary.Create<string, object>(StringComparer.Ordinal)).SetItem(key, value);

    /// <summary>True if it was set.</summary>
    public static bool Remove(string key)
    {
        if (Flowing.Value is not { } values || !values.ContainsKey(key)) return false;
        var rest = values.Remove(key);
        Flowing.Value = rest.IsEmpty ? null : rest;
        return true;
    }

    public static void Clear() => Flowing.Value = null;
}
