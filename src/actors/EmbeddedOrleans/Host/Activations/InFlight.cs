namespace CitySafeSense.EmbeddedOrleans;

/// <summary>The calls of an activation that have started and await something. One costs nothing; many are a set. Not for several threads.</summary>
internal struct InFlight
{
    private ICall? one;
    private HashSet<ICall>? more;

    public readonly IEnumerable<ICall> Calls => one is null ? more ?? [] : more is null ? [one] : more.Prepend(one);

    public void Add(ICall call)
    {
        if (one is null) one = call;
        else (more ??= []).Add(call);
    }

    public void Remove(ICall call)
    {
        if (ReferenceEquals(one, call)) one = null;
        else more?.Remove(call);
    }

    public void Trim()
    {
        if (more?.Count == 0) more = null;
    }

    public void Clear() => (one, more) = (null, null);
}
