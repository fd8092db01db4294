using System.Reflection;
using Orleans.Runtime;

namespace Orleans;

/// <summary>A call on its way through the filters.</summary>
public interface IGrainCallContext
{
    /// <summary>Who is called: the grain's instance on the way in, the reference on the way out.</summary>
    object Grain { get; }

    /// <summary>The calling grain; null if the call comes from outside.</summary>
    GrainId? SourceId { get; }

    GrainId TargetId { get; }

    string InterfaceName { get; }

    string MethodName { get; }

    MethodInfo InterfaceMethod { get; }

    /// <summary>What the call has answered, after <see cref="Invoke"/>; a filter may put something else there.</summary>
    object? Result { get; set; }

    /// <summary>Goes on with the next filter, and at last with the call. Throws what the call throws.</summary>
    Task Invoke();
}

/// <summary>A call that has arrived; the filter runs in the grain's turn.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    IGrainContext TargetContext { get; }
}

/// <summary>A call that is about to be sent; the filter runs where the caller is.</summary>
public interface IOutgoingGrainCallContext : IGrainCallContext
{
    IGrainContext? SourceContext { get; }
}

/// <summary>Sees every call before its grain does. Registered as a service, in order; a grain that implements it filters its own calls, last.</summary>
public interface IIncomingGrainCallFilter
{
    Task Invoke(IIncomingGrainCallContext context);
}

/// <summary>Sees every call before it is sent. Registered as a service, in order.</summary>
public interface IOutgoingGrainCallFilter
{
    Task Invoke(IOutgoingGrainCallContext context);
}
