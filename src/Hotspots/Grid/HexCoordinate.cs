namespace CitySafeSense.Hotspots;

/// <summary>
/// A hexagon on one plane: three axes 120 degrees apart, none negative, at least one zero ("ijk+"). Every change of grid or
/// direction is linear, so it is given by what becomes of the three unit vectors.
/// </summary>
internal readonly record struct HexCoordinate(int I, int J, int K)
{
    private static readonly double Sqrt3Half = Math.Sqrt(3) / 2;

    /// <summary>The unit vector of each digit 0 to 6: the bits of the digit are i, j, k.</summary>
    public static HexCoordinate OfDigit(int digit) => new(digit >> 2, (digit >> 1) & 1, digit & 1);

    /// <summary>The digit of a unit vector; 7 if it is none.</summary>
    public int ToDigit() => this is { I: 0 or 1, J: 0 or 1, K: 0 or 1 } ? 4 * I + 2 * J + K : CellId.UnusedDigit;

    /// <summary>Steps from the origin.</summary>
    public int Length => Math.Max(I, Math.Max(J, K));

    public static HexCoordinate operator +(HexCoordinate a, HexCoordinate b) => Normalised(a.I + b.I, a.J + b.J, a.K + b.K);
    public static HexCoordinate operator -(HexCoordinate a, HexCoordinate b) => Normalised(a.I - b.I, a.J - b.J, a.K - b.K);
    public static HexCoordinate operator *(HexCoordinate a, int factor) => Normalised(a.I * factor, a.J * factor, a.K * factor);

    /// <summary>The seven-fold coarser cell whose centre is nearest; odd grids are turned counter-clockwise against the next coarser.</summary>
    public HexCoordinate Up(bool odd)
    {
        int i = I - K, j = J - K;
        return odd
            ? Normalised(Round(3 * i - j), Round(i + 2 * j), 0)
            : Normalised(Round(2 * i + j), Round(3 * j - i), 0);
    }

    /// <summary>The same point on the seven-fold finer grid.</summary>
    public HexCoordinate Down(bool odd) => odd
        ? Map(new(3, 0, 1), new(1, 3, 0), new(0, 1, 3))
        : Map(new(3, 1, 0), new(0, 3, 1), new(1, 0, 3));

    public HexCoordinate TurnedCounterClockwise() => Map(new(1, 1, 0), new(0, 1, 1), new(1, 0, 1));

    public HexCoordinate TurnedClockwise() => Map(new(1, 0, 1), new(1, 1, 0), new(0, 1, 1));

    /// <summary>The centre on the plane, in units of the distance between neighbours, x along the i axis.</summary>
    public (double X, double Y) ToPlane() => (I - K - 0.5 * (J - K), (J - K) * Sqrt3Half);

    /// <summary>The hexagon that contains a point of the plane: both lattice coordinates are rounded, and the rounding with the larger error is mended.</summary>
    public static HexCoordinate FromPlane(double x, double y)
    {
        var j = y / Sqrt3Half;
        var i = x + j / 2;
        // In cube coordinates (i - j, j, -i) the cell is the one nearest; the coordinate that was rounded most is made to fit.
        double q = i - j, r = j, s = -i;
        double rq = Math.Round(q), rr = Math.Round(r), rs = Math.Round(s);
        double dq = Math.Abs(rq - q), dr = Math.Abs(rr - r), ds = Math.Abs(rs - s);
        if (dq > dr && dq > ds) rq = -rr - rs;
        else if (dr > ds) rr = -rq - rs;
        else rs = -rq - rr;
        return Normalised((int)-rs, (int)rr, 0);
    }

    private HexCoordinate Map(HexCoordinate i, HexCoordinate j, HexCoordinate k) => Normalised(
        I * i.I + J * j.I + K * k.I,
        I * i.J + J * j.J + K * k.J,
        I * i.K + J * j.K + K * k.K);

    private static HexCoordinate Normalised(int i, int j, int k)
    {
        var min = Math.Min(i, Math.Min(j, k));
        return new(i - min, j - min, k - min);
    }

    private static int Round(int sevenths) => (int)Math.Round(sevenths / 7.0, MidpointRounding.AwayFromZero);
}
