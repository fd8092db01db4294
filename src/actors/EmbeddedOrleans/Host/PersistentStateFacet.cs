using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>One state of one activation, without its type.</summary>
internal abstract class PersistentStateFacet
{
    public abstract Task ReadStateAsync();
}

/// <summary>Binds a state to its storage. A lost race is reported to the caller and ends the activation.</summary>
internal sealed class PersistentStateFacet<T>(Activation activation, string name, IGrainStorage storage) : PersistentStateFacet, IPersistentState<T>
{
    private readonly Record record = new();

    public T State
    {
        get => record.State!;
        set => record.State = value;
    }

    public string? Etag => record.ETag;
    public bool RecordExists => record.RecordExists;

    public override async Task ReadStateAsync()
    {
        await storage.ReadStateAsync(name, activation.GrainId, record);
        record.State ??= Activator.CreateInstance<T>();
    }

    public Task WriteStateAsync() => Guarded(() => storage.WriteStateAsync(name, activation.GrainId, record));

    public async Task ClearStateAsync()
    {
        await Guarded(() => storage.ClearStateAsync(name, activation.GrainId, record));
        record.State = Activator.CreateInstance<T>();
    }

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

    private sealed class Record : IGrainState<T>
    {
        public T? State { get; set; }
        public string? ETag { get; set; }
        public bool RecordExists { get; set; }
    }
}
