using CitySafeSense.Numerics;
using CitySafeSense.Numerics.Geometry;

namespace CitySafeSense.Sensing;

/// <summary>A turn of the sensor in its pocket: accelerometer and gyroscope see the same movement along other axes.</summary>
public sealed class SensorRotation
{
    private readonly float[] matrix;

    private SensorRotation(float[] matrix) => this.matrix = matrix;

    /// <summary>Uniform over all turns: a unit quaternion from four normal numbers.</summary>
    public static SensorRotation Random(Rng rng)
    {
        double w = rng.Gaussian(), x = rng.Gaussian(), y = rng.Gaussian(), z = rng.Gaussian();
        return Of(w, x, y, z);
    }

    /// <summary>A turn about an axis of any direction by a normally distributed angle: a sensor that is worn a little differently.</summary>
    /// <param name="deviationDegrees">Standard deviation of the angle.</param>
    public static SensorRotation Small(Rng rng, double deviationDegrees)
    {
        var axis = new Vector3D(rng.Gaussian(), rng.Gaussian(), rng.Gaussian());
        var turn = Rotation.About(axis, double.DegreesToRadians(deviationDegrees) * rng.Gaussian());
        return Of(turn.W, turn.X, turn.Y, turn.Z);
    }

    /// <summary>The matrix of a quaternion of any length but zero.</summary>
    private static SensorRotation Of(double w, double x, double y, double z)
    {
        var s = 2 / (w * w + x * x + y * y + z * z);
        return new([
            (float)(1 - s * (y * y + z * z)), (float)(s * (x * y - z * w)), (float)(s * (x * z + y * w)),
            (float)(s * (x * y + z * w)), (float)(1 - s * (x * x + z * z)), (float)(s * (y * z - x * w)),
            (float)(s * (x * z - y * w)), (float)(s * (y * z + x * w)), (float)(1 - s * (x * x + y * y))]);
    }

    public SensorWindow Turn(SensorWindow window)
    {
        var values = window.Values.ToArray();
        var n = window.Schema.Samples;
        foreach (var first in new[] { 0, 3 }) // ax ay az, gx gy gz
            for (var t = 0; t < n; t++)
                for (var axis = 0; axis < 3; axis++)
                {
                    var sum = 0f;
                    for (var from = 0; from < 3; from++) sum += matrix[3 * axis + from] * window.Values[(first + from) * n + t];
                    values[(first + axis) * n + t] = sum;
                }
        return new SensorWindow(window.Schema, values, window.Present);
    }
}
