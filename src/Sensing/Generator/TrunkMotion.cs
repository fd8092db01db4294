using CitySafeSense.Numerics.Geometry;

namespace CitySafeSense.Sensing.Generator;

/// <summary>
/// The state of the trunk (or of the vehicle that carries it) at one instant, in a frame of east, north, up. The generator
/// differentiates velocity and attitude, so that accelerometer, gyroscope and GNSS always tell one story.
/// </summary>
/// <param name="Velocity">Horizontal, m/s, east and north, without the oscillation of steps.</param>
/// <param name="Oscillation">Acceleration of steps, impacts and vibration, m/s2: forward, left, up.</param>
/// <param name="YawRadians">Counter-clockwise from east, as the trunk faces.</param>
public readonly record struct TrunkMotion(Vector2D Velocity, Vector3D Oscillation, double YawRadians, double PitchRadians, double RollRadians)
{
    public Rotation Attitude =>
        Rotation.About(Vector3D.UnitZ, YawRadians)
        * Rotation.About(Vector3D.UnitY, PitchRadians)
        * Rotation.About(Vector3D.UnitX, RollRadians);
}
