namespace CitySafeSense.Federation;

/// <summary>How the server gets from the weights it sent out, and the clients' sum, to the next weights.</summary>
public interface IServerOptimiser
{
    float[] Step(ReadOnlySpan<float> basis, FixedPointSum sum);
}

/// <summary>FedAvg's: the sample-weighted mean of the clients' models becomes the next one.</summary>
public sealed class MeanServerOptimiser : IServerOptimiser
{
    public float[] Step(ReadOnlySpan<float> basis, FixedPointSum sum) => sum.MeanOnto(basis);
}
