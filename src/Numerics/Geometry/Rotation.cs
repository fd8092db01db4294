namespace CitySafeSense.Numerics.Geometry;

/// <summary>
/// A rotation of space as a unit quaternion W + Xi + Yj + Zk in double precision. <c>System.Numerics.Quaternion</c> is not
/// used: it multiplies and interpolates with estimates whose bits depend on the processor.
/// </summary>
public readonly record struct Rotation(double X, double Y, double Z, double W)
{
    public static Rotation Identity => new(0, 0, 0, 1);

    public Rotation Inverse => new(-X, -Y, -Z, W);

    /// <param name="axis">Of any length but zero.</param>
    public static Rotation About(Vector3D axis, double radians)
    {
        var (sin, cos) = Elementary.SinCos(radians / 2);
        var scaled = axis * (sin / axis.Length);
        return new(scaled.X, scaled.Y, scaled.Z, cos);
    }

    /// <summary>Uniform over all rotations (Shoemake 1992).</summary>
    public static Rotation Random(Rng rng)
    {
        double u = rng.NextDouble(), a = 2 * Math.PI * rng.NextDouble(), b = 2 * Math.PI * rng.NextDouble();
        var (first, second) = (Vector2D.Polar(Math.Sqrt(1 - u), a), Vector2D.Polar(Math.Sqrt(u), b));
        return new(first.Y, first.X, second.Y, second.X);
    }

    /// <summary>The way from one rotation (share 0) to another (share 1) at a constant rate, the shorter way round (Shoemake 1985).</summary>
    public static Rotation Interpolate(Rotation from, Rotation to, double share)
    {
        var cosine = from.X * to.X + from.Y * to.Y + from.Z * to.Z + from.W * to.W;
        if (cosine < 0) (cosine, to) = (-cosine, to.Negated);
        // So close together the arc is a line, and its sine too small to divide by.
        if (cosine > 1 - 1e-9) return Sum(from, 1 - share, to, share).Normalised;
        var angle = Elementary.Acos(cosine);
        var sine = Elementary.Sin(angle);
        return Sum(from, Elementary.Sin((1 - share) * angle) / sine, to, Elementary.Sin(share * angle) / sine).Normalised;
    }

    public Vector3D Apply(Vector3D v)
    {
        var axis = new Vector3D(X, Y, Z);
        var twice = Vector3D.Cross(axis, v) * 2;
        return v + twice * W + Vector3D.Cross(axis, twice);
    }

    /// <summary>Radians about each axis: the rotation vector, whose length is at most pi.</summary>
    public Vector3D ToVector()
    {
        var axis = new Vector3D(X, Y, Z);
        var sine = axis.Length;
        if (sine < 1e-15) return Vector3D.Zero;
        return axis * (2 * Elementary.Atan2(sine, Math.Abs(W)) / sine * (W < 0 ? -1 : 1));
    }

    /// <summary>First b, then a.</summary>
    public static Rotation operator *(Rotation a, Rotation b) => new(
        a.W * b.X + a.X * b.W + a.Y * b.Z - a.Z * b.Y,
        a.W * b.Y - a.X * b.Z + a.Y * b.W + a.Z * b.X,
        a.W * b.Z + a.X * b.Y - a.Y * b.X + a.Z * b.W,
        a.W * b.W - a.X * b.X - a.Y * b.Y - a.Z * b.Z);

    /// <summary>The same rotation by the other of its two quaternions.</summary>
    private Rotation Negated => new(-X, -Y, -Z, -W);

    private Rotation Normalised
    {
        get
        {
            var length = Math.Sqrt(X * X + Y * Y + Z * Z + W * W);
            return new(X / length, Y / length, Z / length, W / length);
        }
    }

    private static Rotation Sum(Rotation a, double shareOfA, Rotation b, double shareOfB) =>
        new(a.X * shareOfA + b.X * shareOfB, a.Y * shareOfA + b.Y * shareOfB, a.Z * shareOfA + b.Z * shareOfB, a.W * shareOfA + b.W * shareOfB);
}
