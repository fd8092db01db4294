namespace Orleans
{
    /// <summary>The type crosses calls: a copier is generated for it here, a serialiser too in a cluster.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
    public sealed class GenerateSerializerAttribute : Attribute;

    /// <summary>The number of a member on the wire; it is never used again for another.</summary>
    [AttributeUsage(AttributeTargets.Field | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Property | AttributeTargets.Parameter)]
    public sealed class IdAttribute(uint id) : Attribute
    {
        public uint Id { get; } = id;
    }

    /// <summary>The name on the wire, which survives a renaming in the source.</summary>
    [AttributeUsage(AttributeTargets.Interface | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method)]
    public sealed class AliasAttribute(string alias) : Attribute
    {
        public string Alias { get; } = alias;
    }

    /// <summary>Nobody changes a value of this type once it is sent, so a call may hand over the object itself.</summary>
    [AttributeUsage(AttributeTargets.Struct | AttributeTargets.Class | AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter)]
    public sealed class ImmutableAttribute : Attribute;

    /// <summary>The class is an <see cref="IConverter{TValue, TSurrogate}"/>: its value type crosses calls as the surrogate does.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class RegisterConverterAttribute : Attribute;

    /// <summary>Stands in, on the wire and in copies, for a type that must stay free of attributes.</summary>
    public interface IConverter<TValue, TSurrogate>
        where TSurrogate : struct
    {
        TValue ConvertFromSurrogate(in TSurrogate surrogate);

        TSurrogate ConvertToSurrogate(in TValue value);
    }
}

namespace Orleans.Concurrency
{
    /// <summary>Calls to the grain may interleave at every await.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ReentrantAttribute : Attribute;

    /// <summary>The method may run while another call of the same grain awaits.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class AlwaysInterleaveAttribute : Attribute;

    /// <summary>The method changes nothing, so it may run while other calls that change nothing await.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ReadOnlyAttribute : Attribute;

    /// <summary>A grain without an identity of its own: calls to one key are shared among up to so many activations; fewer run if fewer are busy.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class StatelessWorkerAttribute(int maxLocalWorkers) : Attribute
    {
        /// <summary>As many activations as the machine has cores.</summary>
        public StatelessWorkerAttribute()
            : this(-1)
        {
        }

        internal int MaxLocalWorkers { get; } = maxLocalWorkers;
    }

    /// <summary>The caller does not wait, and is not told how the call ends.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class OneWayAttribute : Attribute;
}
