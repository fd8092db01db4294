using CitySafeSense.EmbeddedOrleans;
using Orleans.Runtime;

namespace Orleans;

/// <summary>The activation a grain lives in.</summary>
public interface IGrainContext
{
    GrainId GrainId { get; }
}

/// <summary>What the runtime needs of a grain; <see cref="Grain"/> has it.</summary>
public interface IGrainBase
{
    IGrainContext GrainContext { get; }

    /// <summary>Runs before the first call, when persistent state has been read.</summary>
    Task OnActivateAsync(CancellationToken token);

    /// <summary>Runs before the activation goes, but not when the process dies: persist on write, never here.</summary>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token);
}

/// <summary>A unit of state and behaviour that handles one call at a time; an await resumes in the grain's own turn.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    private readonly Activation activation = Activation.Constructing
        ?? throw new InvalidOperationException("a grain is made by its host: call it through IGrainFactory");

    public IGrainContext GrainContext => activation;

    protected IGrainFactory GrainFactory => activation.Host;

    protected internal IServiceProvider ServiceProvider => activation.Host.Services;

    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends the activation when its current calls are done; the next call makes a new one.</summary>
    protected void DeactivateOnIdle() =>
        activation.DeactivateWhenIdle(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "the grain asked for it"));
}

/// <summary>Timers and keys of a grain.</summary>
public static class GrainBaseExtensions
{
    /// <summary>Calls back as a turn of this grain, not interleaved with its calls unless the options say so. It ends with the activation and does not survive it.</summary>
    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options) =>
        ((Activation)grain.GrainContext).AddTimer(callback, options);

    /// <inheritdoc cref="RegisterGrainTimer(IGrainBase, Func{CancellationToken, Task}, GrainTimerCreationOptions)"/>
    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, GrainTimerCreationOptions options) =>
        grain.RegisterGrainTimer(_ => callback(), options);
}

/// <summary>The key a grain was called by.</summary>
public static class GrainExtensions
{
    public static string GetPrimaryKeyString(this IAddressable grain) => IdOf(grain).Key.ToString();

    public static long GetPrimaryKeyLong(this IAddressable grain) => GrainKeys.ToInt64(IdOf(grain).Key.ToString());

    public static Guid GetPrimaryKey(this IAddressable grain) => Guid.ParseExact(IdOf(grain).Key.ToString(), "N");

    private static GrainId IdOf(IAddressable grain) => grain switch
    {
        Grain g => g.GrainContext.GrainId,
        GrainReference r => r.GrainId,
        _ => throw new ArgumentException($"{grain.GetType()} is neither a grain nor a reference to one"),
    };
}

public enum DeactivationReasonCode : byte
{
    None,
    ShuttingDown,
    ActivationFailed,
    DirectoryFailure,
    ActivationIdle,
    ActivationUnresponsive,
    DuplicateActivation,
    IncompatibleRequest,
    ApplicationError,
    ApplicationRequested,
    Migrating,
    RuntimeRequested,
    HighMemoryPressure,
}

/// <summary>Why an activation ends.</summary>
public readonly struct DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
{
    public DeactivationReason(DeactivationReasonCode code, string text)
        : this(code, null, text)
    {
    }

    public DeactivationReasonCode ReasonCode { get; } = code;
    public string Description { get; } = text;
    public Exception? Exception { get; } = exception;
}
