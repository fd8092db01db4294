namespace Orleans.Runtime;

/// <summary>The kind of a grain, made from its class's name.</summary>
public readonly struct GrainType(string? value) : IEquatable<GrainType>
{
    private readonly string? name = value;

    public bool IsDefault => name is null;

    public static GrainType Create(string value) => new(value);

    public bool Equals(GrainType other) => string.Equals(name, other.name, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is GrainType type && Equals(type);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(name ?? "");

    public override string ToString() => name ?? "";
}

/// <summary>The key of a grain among its kind.</summary>
public readonly struct IdSpan(string? value) : IEquatable<IdSpan>
{
    private readonly string? key = value;

    public bool IsDefault => key is null;

    public static IdSpan Create(string id) => new(id);

    public bool Equals(IdSpan other) => string.Equals(key, other.key, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is IdSpan span && Equals(span);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(key ?? "");

    public override string ToString() => key ?? "";
}

/// <summary>Which grain: its type and its key. Integer keys are written as 16 hexadecimal digits' worth of number, GUIDs in the N format, as Orleans does.</summary>
public readonly struct GrainId(GrainType type, IdSpan key) : IEquatable<GrainId>
{
    public GrainType Type { get; } = type;
    public IdSpan Key { get; } = key;
    public bool IsDefault => Type.IsDefault && Key.IsDefault;

    public static GrainId Create(string type, string key) => new(GrainType.Create(type), IdSpan.Create(key));

    public static GrainId Create(GrainType type, IdSpan key) => new(type, key);

    public bool Equals(GrainId other) => Key.Equals(other.Key) && Type.Equals(other.Type);

    public override bool Equals(object? obj) => obj is GrainId id && Equals(id);

    public override int GetHashCode() => HashCode.Combine(Type, Key);

    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);

    public override string ToString() => $"{Type}/{Key}";
}
