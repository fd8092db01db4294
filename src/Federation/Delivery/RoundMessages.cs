using CitySafeSense.Learning;
using CitySafeSense.Privacy;

namespace CitySafeSense.Federation;

/// <summary>What a model is made of, besides its weights, for whoever builds it from the catalogue.</summary>
/// <param name="Settings">Of its kind, as key=value with spaces between them.</param>
/// <param name="Centre">Per channel of a window, subtracted; then divided by <paramref name="Scale"/>.</param>
public sealed record ModelDescription(string Kind, string Settings, int Channels, int Height, int Samples, int Classes, float[] Centre, float[] Scale)
{
    /// <exception cref="ArgumentException">No model is called so, or a setting is not one of it.</exception>
    public IModel Build() => ModelCatalogue.Named(Kind).Build(new ModelRequest(new Shape(Channels, Height, Samples), Classes, ModelRequest.ParseSettings(Settings)));
}

/// <summary>What a device that trains by itself is sent when it is invited to a round.</summary>
/// <param name="Name">Hash of the weights.</param>
/// <param name="Control">The server's control variate, where the strategy has one.</param>
/// <param name="Codec">How the update travels, where it is not masked.</param>
/// <param name="CountsOnce">Whether the round is private, and everybody weighs the same.</param>
/// <param name="Place">Where the update goes under masks instead of openly.</param>
public sealed record TrainingOrder(
    ModelDescription Model, string Name, float[] Weights, float[] Control, ClientInstructions Instructions, string Codec, double UpdateNormMax, bool CountsOnce, SecurePlace? Place);

/// <summary>What the cluster tells a device that takes part in rounds: topic `rounds`.</summary>
public abstract record RoundDownlink
{
    private RoundDownlink()
    {
    }

    /// <summary>Train, and report.</summary>
    public sealed record Invited(TrainingOrder Order) : RoundDownlink;

    /// <summary>A step of the secure sum it sits in.</summary>
    public sealed record Asked(string Shard, SecureSumStep Step, byte[] Payload) : RoundDownlink;

    /// <summary>Its report for a round has been heard, and needs not be sent again.</summary>
    /// <param name="Refusal">Why it was of no use, or null.</param>
    public sealed record Heard(int Round, string? Refusal) : RoundDownlink;

    /// <summary>Its offer is known; after a while it should be made again.</summary>
    public sealed record ComeBack(TimeSpan After) : RoundDownlink;
}

/// <summary>What a device that takes part in rounds tells the cluster: topic `updates`.</summary>
public abstract record RoundUplink
{
    private RoundUplink()
    {
    }

    /// <summary>It has something to learn from and would take part.</summary>
    /// <param name="Credential">The public key with which it signs in secure sums.</param>
    public sealed record Offered(byte[] Credential) : RoundUplink;

    /// <param name="Update">As the round's codec has it; empty if the strategy keeps it on the device.</param>
    public sealed record Reported(int Round, int Samples, double Loss, byte[] Update) : RoundUplink;

    /// <summary>It has trained and sits in its place of a secure sum.</summary>
    public sealed record Seated(string Shard, int Place, byte[] Keys) : RoundUplink;

    /// <summary>What it passes on in a step of the secure sum.</summary>
    public sealed record Answered(string Shard, SecureSumStep Step, byte[] Payload) : RoundUplink;
}
