using System.Reflection;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>Turns a value into bytes and back.</summary>
public interface IMessageCodec
{
    T PassThrough<T>(T value);
}

/// <summary>Keeps caller and grain apart: what either could change afterwards is copied on its way to the other.</summary>
public sealed class Isolation
{
    private readonly Copiers copiers;
    private readonly IMessageCodec? codec;

    internal Isolation(IEnumerable<Assembly> assemblies, IMessageCodec? codec)
    {
        copiers = new Copiers(assemblies);
        this.codec = codec;
    }

    /// <summary>A value that somebody may change: the receiver gets a copy of its own.</summary>
    /// <exception cref="Orleans.Serialization.CodecNotFoundException">Something in it has no generated copier.</exception>
    public T Copy<T>(T value) => codec is not null ? codec.PassThrough(value) : new CopyContext(copiers).Copy(value);

    /// <summary>A reference to a grain or an observer. The thing itself must not get out: whoever had it could call it beside its turns.</summary>
    /// <exception cref="ArgumentException">It is the thing itself.</exception>
    public T Reference<T>(T value) => value is null or GrainReference
        ? value
        : throw new ArgumentException($"{value.GetType()} goes into a call as itself: hand over AsReference<{typeof(T).Name}>(), or for an observer what CreateObjectReference gave");

    /// <summary>A value that nobody can change: the receiver gets it as it is, unless messages go through bytes.</summary>
    public T Share<T>(T value) => codec is null ? value : codec.PassThrough(value);
}
