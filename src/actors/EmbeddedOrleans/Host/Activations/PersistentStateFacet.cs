using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>One state of one activation, without its type.</summary>
internal abstract class PersistentStateFacet
{
    public abstract Task ReadStateAsync();
}

/// <summary>Binds a state to its storage, and is the record that storage fills. A lost race is reported to the caller and ends the activation.</summary>
internal sealed class PersistentStateFacet<T>(Activation activation, string name, IGrainStorage storage) : PersistentStateFacet, IPersistentState<T>, IGrainState<T>
{
    public T State { get; set; } = default!;
    public string? Etag { get; private set; }
    public bool RecordExists { get; private set; }

    T? IGrainState<T>.State
    {
        get => State;
        set => State = value!;
    }

    string? IGrainState<T>.ETag
    {
        get => Etag;
        set => Etag = value;
    }

    bool IGrainState<T>.RecordExists
    {
        get => RecordExists;
        set => RecordExists = value;
    }

    public override async Task ReadStateAsync()
    {
        await storage.ReadStateAsync(name, activation.GrainId, this);
        State ??= Activator.CreateInstance<T>();
    }

    public Task WriteStateAsync() => Guarded(() => storage.WriteStateAsync(name, activation.GrainId, this));

    /// <summary>Storage puts a fresh state in place, as it does in Orleans.</summary>
    public Task ClearStateAsync() => Guarded(() => storage.ClearStateAsync(name, activation.GrainId, this));

    /// <summary>The operation is started in here: storage may also fail before its first await.</summary>
    private async Task Guarded(Func<Task> operation)
    {
        try
        {
            await operation();
        }
        catch (InconsistentStateException e)
        {
            activation.Distrust(e);
            throw;
        }
    }
}
