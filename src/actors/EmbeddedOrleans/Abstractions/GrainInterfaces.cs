using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>What can be addressed by a reference.</summary>
    public interface IAddressable;
}

namespace Orleans
{
    /// <summary>Marks an interface whose methods are calls to a grain. Use one of the interfaces that name the kind of key.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain known by a text.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain known by a number.</summary>
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>A grain known by a GUID.</summary>
    public interface IGrainWithGuidKey : IGrain;

    /// <summary>Marks an interface that grains call on an object outside of them; see <see cref="IGrainFactory.CreateObjectReference"/>.</summary>
    public interface IGrainObserver : IAddressable;

    /// <summary>Makes references to grains. Nothing is activated until it is called.</summary>
    public interface IGrainFactory
    {
        TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithGuidKey;

        TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithIntegerKey;

        TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithStringKey;

        TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
            where TGrainInterface : IAddressable;

        /// <summary>A reference that grains may call and keep. The object itself is held weakly: whoever observes keeps it alive.</summary>
        TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
            where TGrainObserverInterface : IGrainObserver;

        /// <summary>Calls by the reference fail from now on.</summary>
        void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
            where TGrainObserverInterface : IGrainObserver;
    }
}
