namespace Orleans.Runtime;

/// <summary>What goes wrong in the runtime rather than in a grain.</summary>
public class OrleansException : Exception
{
    public OrleansException()
    {
    }

    public OrleansException(string message)
        : base(message)
    {
    }

    public OrleansException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>Whoever ran the grain died before it answered. Whether the call took effect is unknown.</summary>
public sealed class SiloUnavailableException : OrleansException
{
    public SiloUnavailableException(string msg)
        : base(msg)
    {
    }
}

/// <summary>The reference leads nowhere any more: an observer that was deleted or collected.</summary>
public sealed class ClientNotAvailableException : OrleansException
{
    internal ClientNotAvailableException(GrainId clientId)
        : base($"{clientId} observes no more: it was deleted, or nobody kept it alive")
    {
    }
}
