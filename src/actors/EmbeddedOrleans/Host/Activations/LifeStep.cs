namespace CitySafeSense.EmbeddedOrleans;

/// <summary>The first and the last turn of every activation.</summary>
internal sealed class LifeStep(string name, Func<Activation, Task> step) : ICall
{
    public static readonly LifeStep Activate = new("activation", static a => a.Activate());
    public static readonly LifeStep End = new("deactivation", static a => a.End());

    public string Name => name;
    public CallTraits Traits => CallTraits.None;
    public int Arrival { get; set; }
    public int SentAt { get; set; }
    public Activation? Sender => null;
    public bool IsOver => false;

    public bool IsMuted { get; set; }

    public bool Start(CallTarget target)
    {
        var activation = (Activation)target;
        if (!step(activation).IsCompleted) activation.WatchFromNowOn();
        return true;
    }

    public void Fail(Exception exception)
    {
    }
}
