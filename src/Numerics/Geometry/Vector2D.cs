namespace CitySafeSense.Numerics.Geometry;

/// <summary>A vector in the plane in double precision. <c>System.Numerics.Vector2</c> is not used: its bits depend on the processor.</summary>
public readonly record struct Vector2D(double X, double Y)
{
    public static Vector2D Zero => default;

    public double Length => Math.Sqrt(X * X + Y * Y);

    /// <summary>A vector of a length and an angle, counter-clockwise from the first axis.</summary>
    public static Vector2D Polar(double length, double radians)
    {
        var (sin, cos) = Elementary.SinCos(radians);
        return new(length * cos, length * sin);
    }

    /// <summary>Turned counter-clockwise.</summary>
    public Vector2D Rotated(double radians)
    {
        var (sin, cos) = Elementary.SinCos(radians);
        return new(X * cos - Y * sin, X * sin + Y * cos);
    }

    public static Vector2D operator +(Vector2D a, Vector2D b) => new(a.X + b.X, a.Y + b.Y);
    public static Vector2D operator -(Vector2D a, Vector2D b) => new(a.X - b.X, a.Y - b.Y);
    public static Vector2D operator *(Vector2D a, double factor) => new(a.X * factor, a.Y * factor);
    public static Vector2D operator *(double factor, Vector2D a) => a * factor;
    public static Vector2D operator /(Vector2D a, double divisor) => new(a.X / divisor, a.Y / divisor);
}
