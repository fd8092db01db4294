using System.Buffers;
using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>What a silo's devices answer with: the released version, and where one is on trial the candidate, beside it or on a share of the devices. Counts how often each alarms.</summary>
/// <param name="share">Of the devices that answers with the candidate; 0 is nobody: it is asked in the shadow.</param>
public sealed class ModelsOnDevices(LoadedModel released, LoadedModel? candidate, double share)
{
    private long windows, alarms, releasedWindows, releasedAlarms;

    public LoadedModel Released => released;

    /// <summary>A window of a device that has a model of its own.</summary>
    public (int Class, float Probability, string Model) Classify(WeightDelta own, SensorWindow window)
    {
        var weights = ArrayPool<float>.Shared.Rent(own.Length);
        try
        {
            own.CopyTo(weights.AsSpan(0, own.Length));
            var (best, probability) = released.Runtime.Classify(weights.AsMemory(0, own.Length), window);
            return (best, probability, released.Info.Hash);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(weights);
        }
    }

    /// <summary>A window of a device that has no model of its own.</summary>
    public (int Class, float Probability, string Model) Classify(string device, SensorWindow window)
    {
        if (candidate is null)
        {
            var (only, certainty) = released.Runtime.Classify(released.Weights, window);
            return (only, certainty, released.Info.Hash);
        }
        if (share > 0 && IsCanary(device))
        {
            var (tried, certainty) = candidate.Runtime.Classify(candidate.Weights, window);
            Count(tried, ref windows, ref alarms);
            return (tried, certainty, candidate.Info.Hash);
        }
        var (best, probability) = released.Runtime.Classify(released.Weights, window);
        // In the shadow both answer for the same windows, and no longer than there is something to find out.
        if (share == 0 && Interlocked.Read(ref windows) < Limits.ShadowWindows) Count(candidate.Runtime.Classify(candidate.Weights, window).Class, ref windows, ref alarms);
        Count(best, ref releasedWindows, ref releasedAlarms);
        return (best, probability, released.Info.Hash);
    }

    /// <summary>What was counted since the last time.</summary>
    public TrialReport Take() => new(
        candidate?.Info.Version ?? 0, share, Interlocked.Exchange(ref windows, 0), Interlocked.Exchange(ref alarms, 0), Interlocked.Exchange(ref releasedWindows, 0), Interlocked.Exchange(ref releasedAlarms, 0));

    public bool Is(ModelsInUse told) => told.Released?.Hash == released.Info.Hash && told.Released?.Version == released.Info.Version && told.Candidate?.Version == candidate?.Info.Version && told.Share == share;

    /// <summary>Other devices for every version: nobody is always the first to try.</summary>
    private bool IsCanary(string device) => Numerics.StableHash.Of($"{candidate!.Info.Version}/{device}") % 10_000 < share * 10_000;

    private static void Count(int label, ref long windows, ref long alarms)
    {
        Interlocked.Increment(ref windows);
        if (label < ActivityClasses.Count && ActivityClasses.IsIncident((ActivityClass)label)) Interlocked.Increment(ref alarms);
    }
}
