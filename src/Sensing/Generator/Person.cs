using CitySafeSense.Numerics;
using CitySafeSense.Numerics.Geometry;

namespace CitySafeSense.Sensing.Generator;

/// <summary>Where somebody carries a phone; it decides how the phone moves with the trunk.</summary>
public enum Carrying
{
    TrouserPocket,
    Hand,
    Bag,
    JacketPocket,
}

/// <summary>
/// One simulated person with one phone: a gait, habits, and an imperfect set of sensors. Ranges of cadence, speed and
/// vertical acceleration of the trunk after Menz, Lord and Fitzpatrick (2003) and Oberg et al. (1993), adults.
/// </summary>
public sealed record Person
{
    public required double CadenceHertz { get; init; }
    public required double SpeedMetresPerSecond { get; init; }

    /// <summary>Peak vertical acceleration of a normal step, m/s2.</summary>
    public required double VerticalGain { get; init; }

    public required double ForwardGain { get; init; }
    public required double LateralGain { get; init; }

    /// <summary>Weight of the second and third harmonic of a step.</summary>
    public required Vector2D Harmonics { get; init; }

    /// <summary>How irregular the rhythm is: relative deviation of the step time.</summary>
    public required double RhythmJitter { get; init; }

    public required double TrunkSwayRadians { get; init; }
    public required Carrying Carrying { get; init; }
    public required Rotation PhonePose { get; init; }
    public required double PocketSwingRadians { get; init; }
    public required double AccelerometerNoise { get; init; }
    public required double GyroscopeNoise { get; init; }
    public required Vector3D AccelerometerBias { get; init; }
    public required double MicrophoneOffsetDecibels { get; init; }
    public required double GnssDropout { get; init; }
    public required double GnssSpeedNoise { get; init; }

    /// <summary>Person <paramref name="index"/> of the population that the seed stands for.</summary>
    public static Person Draw(ulong seed, int index)
    {
        var rng = Rng.For(seed, "person", index.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var carrying = (Carrying)rng.NextInt(4);
        var cadence = Math.Clamp(rng.Gaussian(1.87, 0.14), 1.5, 2.3);
        return new Person
        {
            CadenceHertz = cadence,
            SpeedMetresPerSecond = Math.Clamp(rng.Gaussian(1.32, 0.16) * cadence / 1.87, 0.85, 1.9),
            VerticalGain = rng.Uniform(1.6, 3.8),
            ForwardGain = rng.Uniform(0.8, 2.0),
            LateralGain = rng.Uniform(0.5, 1.3),
            Harmonics = new Vector2D(rng.Uniform(0.2, 0.6), rng.Uniform(0.05, 0.3)),
            RhythmJitter = rng.Uniform(0.01, 0.06),
            TrunkSwayRadians = rng.Uniform(0.03, 0.11),
            Carrying = carrying,
            PhonePose = Rotation.Random(rng),
            PocketSwingRadians = carrying switch
            {
                Carrying.TrouserPocket => rng.Uniform(0.25, 0.5),
                Carrying.Hand => rng.Uniform(0.05, 0.35),
                Carrying.Bag => rng.Uniform(0.05, 0.15),
                _ => rng.Uniform(0.02, 0.1),
            },
            AccelerometerNoise = rng.Uniform(0.02, 0.12),
            GyroscopeNoise = rng.Uniform(0.003, 0.02),
            AccelerometerBias = new Vector3D(rng.Gaussian(0, 0.08), rng.Gaussian(0, 0.08), rng.Gaussian(0, 0.08)),
            MicrophoneOffsetDecibels = rng.Gaussian(0, 5),
            GnssDropout = rng.Uniform(0.05, 0.35),
            GnssSpeedNoise = rng.Uniform(0.1, 0.5),
        };
    }
}
