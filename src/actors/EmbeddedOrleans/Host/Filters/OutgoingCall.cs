using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>A call that passes the filters before it is sent.</summary>
internal sealed class OutgoingCall<T>(IReadOnlyList<IOutgoingGrainCallFilter> filters, GrainReference target, GrainCall<T> call, CancellationToken cancellation) : IOutgoingGrainCallContext
{
    private readonly Activation? source = TurnQueue.Running as Activation;
    private int next;

    public object Grain => target;
    public GrainId? SourceId => source?.GrainId;
    public GrainId TargetId => target.GrainId;
    public string InterfaceName => call.Called.Interface.FullName!;
    public string MethodName => call.Called.Name;
    public MethodInfo InterfaceMethod => call.Called.Info;
    public IGrainContext? SourceContext => source;
    public object? Result { get; set; }

    public static Task<T> Through(IReadOnlyList<IOutgoingGrainCallFilter> filters, GrainReference target, GrainCall<T> call, CancellationToken cancellation) =>
        new OutgoingCall<T>(filters, target, call, cancellation).Run();

    public async Task Invoke()
    {
        if (next < filters.Count) await filters[next++].Invoke(this);
        else Result = await target.SendDirectly(call, cancellation);
    }

    private async Task<T> Run()
    {
        await Invoke();
        return FilterResults.As<T>(Result, this);
    }
}

/// <summary>What filters leave behind as the result of a call.</summary>
internal static class FilterResults
{
    /// <exception cref="InvalidCastException">A filter has put something there that the method cannot answer.</exception>
    public static T As<T>(object? result, IGrainCallContext context) => result switch
    {
        T fitting => fitting,
        null => default!,
        _ => throw new InvalidCastException($"{context.InterfaceName}.{context.MethodName}: a filter left a {result.GetType()} as result, {typeof(T)} is needed"),
    };
}
