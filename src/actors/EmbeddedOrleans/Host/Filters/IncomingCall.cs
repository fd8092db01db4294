using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>A call that passes the filters before its grain.</summary>
internal sealed class IncomingCall<T>(IReadOnlyList<IIncomingGrainCallFilter> filters, GrainCall<T> call, Activation activation) : IIncomingGrainCallContext
{
    private int next;

    public object Grain => activation.Instance;
    public GrainId? SourceId => ((ICall)call).Sender?.GrainId;
    public GrainId TargetId => activation.GrainId;
    public string InterfaceName => call.Called.Interface.FullName!;
    public string MethodName => call.Called.Name;
    public MethodInfo InterfaceMethod => call.Called.Info;
    public IGrainContext TargetContext => activation;
    public object? Result { get; set; }

    public static ValueTask<T> Through(IReadOnlyList<IIncomingGrainCallFilter> filters, GrainCall<T> call, Activation activation) =>
        new(new IncomingCall<T>(filters, call, activation).Run());

    public async Task Invoke()
    {
        if (next < filters.Count) await filters[next++].Invoke(this);
        else Result = await call.InvokeDirectly(activation.Instance);
    }

    private async Task<T> Run()
    {
        await Invoke();
        return FilterResults.As<T>(Result, this);
    }
}
