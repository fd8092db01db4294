using CitySafeSense.Numerics;

namespace CitySafeSense.Sensing.Generator;

/// <summary>A level in dBFS/20, never audio: surroundings that drift, and what is loud in the script.</summary>
internal sealed class LevelMeter(Person person, Rng rng)
{
    private const int Acoustic = 9;
    private double drift;

    /// <summary>One in five people has not allowed the microphone.</summary>
    public bool Allowed { get; } = rng.Chance(0.8);

    public void Sample(float[] values, int t, Script script, double seconds)
    {
        drift = 0.95 * drift + rng.Gaussian(0, 0.8);
        var level = script.AmbientDecibels + person.MicrophoneOffsetDecibels + drift;
        foreach (var sound in script.Sounds)
            if (seconds >= sound.At && seconds < sound.At + sound.Duration) level += sound.Decibels;
        values[Acoustic * WindowSchema.Default.Samples + t] = (float)(Math.Clamp(level, -90, 0) / 20);
    }
}
