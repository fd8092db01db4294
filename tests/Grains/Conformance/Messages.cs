namespace CitySafeSense.Tests.Conformance;

/// <summary>A message that anybody could change.</summary>
[GenerateSerializer, Alias("test.Parcel")]
public class Parcel
{
    [Id(0)] public List<string> Items { get; set; } = [];
    [Id(1)] public Dictionary<string, int[]> Counts { get; set; } = [];
    [Id(2)] public Parcel? Inner { get; set; }
    [Id(3)] private int weight;
    [NonSerialized] private string? note;

    public int Weight
    {
        get => weight;
        set => weight = value;
    }

    /// <summary>Stays with the sender.</summary>
    public string? Note
    {
        get => note;
        set => note = value;
    }
}

/// <summary>A parcel that is more than one.</summary>
[GenerateSerializer, Alias("test.Registered")]
public sealed class RegisteredParcel : Parcel
{
    [Id(0)] public string Number { get; set; } = "";
}

/// <summary>Nobody can change it.</summary>
[GenerateSerializer, Immutable, Alias("test.Postcard")]
public sealed record Postcard([property: Id(0)] string Text, [property: Id(1)] int Number);

/// <summary>A type that must stay free of attributes.</summary>
public sealed class Stamp(int value)
{
    public int Value { get; set; } = value;
}

[GenerateSerializer, Alias("test.StampSurrogate")]
public struct StampSurrogate
{
    [Id(0)] public int Value;
}

[RegisterConverter]
public sealed class StampConverter : IConverter<Stamp, StampSurrogate>
{
    public Stamp ConvertFromSurrogate(in StampSurrogate surrogate) => new(surrogate.Value);

    public StampSurrogate ConvertToSurrogate(in Stamp value) => new() { Value = value.Value };
}

/// <summary>What a grain throws, with something in it.</summary>
[GenerateSerializer, Alias("test.TestFailure")]
public sealed class TestFailureException(int code) : Exception($"failed with {code}")
{
    [Id(0)] public int Code { get; } = code;
}

[GenerateSerializer, Alias("test.ScriptedState")]
public sealed class ScriptedState
{
    [Id(0)] public int Value { get; set; }
}
