using CitySafeSense.EmbeddedOrleans;
using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>The activation a grain lives in.</summary>
    public interface IGrainContext
    {
        GrainId GrainId { get; }

        object? GrainInstance { get; }

        /// <summary>Ends when the activation has left.</summary>
        Task Deactivated { get; }
    }
}

namespace Orleans
{
    /// <summary>What the runtime needs of a grain; <see cref="Grain"/> has it.</summary>
    public interface IGrainBase
    {
        IGrainContext GrainContext { get; }

        /// <summary>Runs before the first call, when persistent state has been read. If it throws, the calls that waited for it fail with what it threw.</summary>
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

        /// <summary>Keeps the activation from being collected as idle for so long from now on; a negative span takes that back.</summary>
        protected void DelayDeactivation(TimeSpan timeSpan) => activation.DelayDeactivation(timeSpan);
    }

    /// <summary>Timers of a grain.</summary>
    public static class GrainBaseExtensions
    {
        /// <summary>Calls back as a turn of this grain, not interleaved with its calls unless the options say so. It ends with the activation and does not survive it.</summary>
        /// <exception cref="ArgumentOutOfRangeException">A due time or period below zero that is not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
        public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options) =>
            ((Activation)grain.GrainContext).AddTimer(cancellation => callback(state, cancellation), options);

        /// <inheritdoc cref="RegisterGrainTimer{TState}(IGrainBase, Func{TState, CancellationToken, Task}, TState, GrainTimerCreationOptions)"/>
        public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, Task> callback, TState state, GrainTimerCreationOptions options) =>
            ((Activation)grain.GrainContext).AddTimer(_ => callback(state), options);

        /// <inheritdoc cref="RegisterGrainTimer{TState}(IGrainBase, Func{TState, CancellationToken, Task}, TState, GrainTimerCreationOptions)"/>
        public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options) =>
            ((Activation)grain.GrainContext).AddTimer(callback, options);

        /// <inheritdoc cref="RegisterGrainTimer{TState}(IGrainBase, Func{TState, CancellationToken, Task}, TState, GrainTimerCreationOptions)"/>
        public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, GrainTimerCreationOptions options) =>
            ((Activation)grain.GrainContext).AddTimer(_ => callback(), options);
    }

    /// <summary>Who a grain is, and a reference to it that others may call.</summary>
    public static class GrainExtensions
    {
        public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

        public static long GetPrimaryKeyLong(this IAddressable grain) => GrainKeys.ToInt64(grain.GetGrainId().Key.ToString());

        public static Guid GetPrimaryKey(this IAddressable grain) => Guid.ParseExact(grain.GetGrainId().Key.ToString(), "N");

        public static GrainId GetGrainId(this IAddressable grain) => grain switch
        {
            Grain g => g.GrainContext.GrainId,
            GrainReference r => r.GrainId,
            _ => throw new ArgumentException($"{grain.GetType()} is neither a grain nor a reference to one"),
        };

        /// <summary>What a grain hands to others so that they can call it.</summary>
        public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => grain switch
        {
            Grain g => ((Activation)g.GrainContext).Host.Reference<TGrainInterface>(g.GrainContext.GrainId),
            GrainReference r => r.Host.Reference<TGrainInterface>(r.GrainId),
            _ => throw new ArgumentException($"{grain.GetType()} is neither a grain nor a reference to one"),
        };
    }
}
