using System.Diagnostics.CodeAnalysis;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>Who takes the calls of each key. For any number of threads: each stripe of keys has its own lock and its own table.</summary>
/// <remarks>
/// Not a ConcurrentDictionary: that has one more object for each entry, makes all of them anew whenever it grows, and the
/// garbage collector then spends more time on a million idle grains than the grains do on their calls.
/// </remarks>
internal sealed class TargetTable
{
    private readonly Dictionary<string, ICallTarget>[] stripes;

    public TargetTable()
    {
        stripes = new Dictionary<string, ICallTarget>[64];
        for (var i = 0; i < stripes.Length; i++) stripes[i] = [];
    }

    /// <summary>Everyone, as of some moment during the call for each stripe.</summary>
    public IEnumerable<ICallTarget> All => stripes.SelectMany(stripe =>
    {
        lock (stripe) return stripe.Values.ToArray();
    });

    /// <summary>The one there is, or the one that is made now: one alone for each key.</summary>
    public ICallTarget GetOrAdd(string key, Func<string, ICallTarget> make)
    {
        var stripe = StripeOf(key);
        lock (stripe)
        {
            if (!stripe.TryGetValue(key, out var target)) stripe.Add(key, target = make(key));
            return target;
        }
    }

    public bool TryGet(string key, [NotNullWhen(true)] out ICallTarget? target)
    {
        var stripe = StripeOf(key);
        lock (stripe) return stripe.TryGetValue(key, out target);
    }

    /// <summary>Removes this one; another that has taken its place stays.</summary>
    public void Remove(string key, ICallTarget target)
    {
        var stripe = StripeOf(key);
        lock (stripe)
            if (stripe.TryGetValue(key, out var present) && ReferenceEquals(present, target)) stripe.Remove(key);
    }

    private Dictionary<string, ICallTarget> StripeOf(string key) => stripes[(uint)string.GetHashCode(key, StringComparison.Ordinal) % (uint)stripes.Length];
}
