using CitySafeSense.Learning;

namespace CitySafeSense.Federation;

/// <summary>A client's whole part of a round: the local step, what of it travels, and what the client keeps. In a grain or on a device, the same bits.</summary>
public static class ClientRound
{
    /// <param name="codec">How the update travels; null where it goes under masks, and nothing is encoded.</param>
    /// <returns>The step's result, the bytes to send (empty where the strategy keeps them or they go under masks), and what the client keeps from now on, or null where that does not change.</returns>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    public static (ClientResult Result, byte[] Update, PersonalModel? Personal) Run(
        IModel model, ReceivedModel received, PersonalModel? before, Examples examples, ClientInstructions instructions, UpdateCodec? codec, string client, ModelWorkspace workspace)
    {
        var result = ClientStep.Run(model, received, before, examples, instructions, client, workspace);
        if (result.Delta is not { } delta || codec is null) return (result, [], result.Personal);
        var residual = before?.Residual ?? [];
        var update = codec.EncodeWithFeedback(delta, ref residual);
        // What a strategy does not keep stays as it was; what the codec left out is kept whatever the strategy.
        return (result, update, result.Personal is null && !codec.HasErrorFeedback ? null : (result.Personal ?? before ?? PersonalModel.Empty) with { Residual = residual });
    }
}
