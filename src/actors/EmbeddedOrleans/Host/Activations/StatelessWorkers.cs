namespace CitySafeSense.EmbeddedOrleans;

/// <summary>The activations of one key of a stateless worker: a call goes to an idle one, else to a new one while there may be more, else to the least busy.</summary>
internal sealed class StatelessWorkers(GrainKind kind, string key, int most) : ICallTarget
{
    private readonly List<Activation> workers = [];

    public IReadOnlyList<Activation> Activations
    {
        get
        {
            lock (workers) return [.. workers];
        }
    }

    public bool TryDeliver(ICall call)
    {
        lock (workers)
        {
            while (true)
            {
                var least = workers.MinBy(w => w.Load);
                if ((least is null || least.Load > 0) && workers.Count < most) workers.Add(least = new Activation(kind, key));
                if (least!.TryDeliver(call)) return true;
                workers.Remove(least);
            }
        }
    }

    public void Remove(Activation activation)
    {
        lock (workers) workers.Remove(activation);
    }
}
