namespace CitySafeSense.EmbeddedOrleans.Deterministic;

/// <summary>Where the code outside of grains resumes: on the run's thread, when the seed says so.</summary>
internal sealed class StoryContext(Action<string> intruder) : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> posted = new();
    private readonly int thread = Environment.CurrentManagedThreadId;

    public bool IsReady
    {
        get
        {
            lock (posted) return posted.Count > 0;
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != thread) intruder("the story");
        lock (posted) posted.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("nothing waits for another thread here: there is none");

    public override SynchronizationContext CreateCopy() => this;

    public void RunOne()
    {
        (SendOrPostCallback callback, object? state) next;
        lock (posted) next = posted.Dequeue();
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            next.callback(next.state);
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }
}
