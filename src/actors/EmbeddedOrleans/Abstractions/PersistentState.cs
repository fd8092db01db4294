using Orleans.Core;
using Orleans.Runtime;

namespace Orleans.Core
{
    /// <summary>A record in storage.</summary>
    public interface IStorage
    {
        string? Etag { get; }

        bool RecordExists { get; }

        Task ClearStateAsync();

        /// <summary>Returns when the state is durable.</summary>
        /// <exception cref="Orleans.Storage.InconsistentStateException">Somebody else wrote since this was read; the activation ends and the next one reads afresh.</exception>
        Task WriteStateAsync();

        Task ReadStateAsync();
    }

    public interface IStorage<TState> : IStorage
    {
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>State of a grain that outlives its activation; a constructor parameter with <see cref="PersistentStateAttribute"/>. It is read before OnActivateAsync.</summary>
    public interface IPersistentState<TState> : IStorage<TState>;

    /// <summary>Names the state and the storage it lies in.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
    {
        public string StateName { get; } = stateName;
        public string? StorageName { get; } = storageName;
    }
}

namespace Orleans
{
    /// <summary>What storage fills in and writes out.</summary>
    public interface IGrainState<T>
    {
        T? State { get; set; }
        string? ETag { get; set; }
        bool RecordExists { get; set; }
    }
}

namespace Orleans.Storage
{
    /// <summary>Where states lie.</summary>
    public interface IGrainStorage
    {
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
    }

    /// <summary>A write that was based on a version which is no longer the stored one.</summary>
    public class InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag) : OrleansException(errorMsg)
    {
        public string? StoredEtag { get; } = storedEtag;
        public string? CurrentEtag { get; } = currentEtag;
    }
}
