namespace CitySafeSense.Contracts;

/// <summary>One room with a camera: `{room}`. It learns what the room usually looks like, together with other rooms, and notices what is not so. Frames stay in its memory.</summary>
[Alias("citysafe.IRoomGrain")]
public interface IRoomGrain : IFederatedClient
{
    /// <summary>Takes frames of ordinary life to learn from, and offers itself to the rounds of a population; answers how many frames it has.</summary>
    /// <param name="frames">Each [size, size, 3], as the population's model sees them.</param>
    /// <exception cref="ArgumentException">A frame is not of the model's size, or the population has no model of images.</exception>
    [Alias("Learn")]
    Task<int> Learn(string population, ImmutableArray<ImmutableArray<byte>> frames);

    /// <summary>Looks at the next frame, with the room's own model or else the global one.</summary>
    /// <exception cref="ArgumentException">The frame is not of the model's size, or the room has learned nothing yet.</exception>
    [Alias("Look")]
    Task<RoomObservation> Look(ImmutableArray<byte> frame);

    /// <summary>How badly frames in a row are repeated by one of the room's models. Simulation and research only.</summary>
    [Alias("Score")]
    Task<ImmutableArray<FrameScore>> Score(Invitation received, JudgedModel model, ImmutableArray<ImmutableArray<byte>> frames);
}

/// <summary>See <see cref="Learning.ReconstructionScore"/>.</summary>
[GenerateSerializer, Immutable, Alias("citysafe.FrameScore")]
public sealed record FrameScore(double Mean, double WorstPatch, double WorstSixteenth, double Dissimilarity, double Change);

/// <param name="Score">Mean squared difference over the last second of frames.</param>
/// <param name="Threshold">From which on it is out of the ordinary; nothing before there was enough to learn it from.</param>
/// <param name="Event">Where something out of the ordinary begins: what its device tells the city, with the share of ordinary frames that score less.</param>
[GenerateSerializer, Immutable, Alias("citysafe.RoomObservation")]
public sealed record RoomObservation(double Score, double? Threshold, bool IsOutOfTheOrdinary, Observation? Event);
