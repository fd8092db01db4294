using CitySafeSense.Numerics;
using CitySafeSense.Numerics.Geometry;

namespace CitySafeSense.Science.Numerics.Geometry;

public class RotationTests
{
    [Fact]
    public void A_quarter_turn_about_the_vertical_takes_east_to_north()
    {
        var turned = Rotation.About(Vector3D.UnitZ * 5, Math.PI / 2).Apply(Vector3D.UnitX);
        Near(Vector3D.UnitY, turned);
    }

    [Fact]
    public void Rotations_keep_lengths_compose_and_are_undone_by_their_inverse()
    {
        var rng = new Rng(1);
        for (var i = 0; i < 1000; i++)
        {
            var (a, b) = (Rotation.Random(rng), Rotation.Random(rng));
            var v = new Vector3D(rng.Gaussian(), rng.Gaussian(), rng.Gaussian());
            Assert.Equal(v.Length, a.Apply(v).Length, 1e-12);
            Near(a.Apply(b.Apply(v)), (a * b).Apply(v));
            Near(v, a.Inverse.Apply(a.Apply(v)));
        }
    }

    [Fact]
    public void The_rotation_vector_has_the_axis_and_the_shorter_angle()
    {
        var axis = new Vector3D(2, -1, 0.5) / new Vector3D(2, -1, 0.5).Length;
        foreach (var angle in new[] { 1e-12, 1e-3, 1, 3.1 }) Near(axis * angle, Rotation.About(axis, angle).ToVector());
        Near(axis * (4 - 2 * Math.PI), Rotation.About(axis, 4).ToVector());
        Near(Vector3D.Zero, Rotation.Identity.ToVector());
    }

    [Fact]
    public void Interpolation_runs_at_a_constant_rate_from_one_end_to_the_other()
    {
        var (from, axis) = (Rotation.Random(new Rng(2)), Vector3D.UnitX);
        foreach (var angle in new[] { 1e-7, 0.3, 2.9 })
        {
            var to = from * Rotation.About(axis, angle);
            foreach (var share in new[] { 0, 0.25, 0.5, 1 })
                Near(axis * (angle * share), (from.Inverse * Rotation.Interpolate(from, to, share)).ToVector());
        }
        // The other quaternion of the same rotation is no detour.
        var same = new Rotation(-from.X, -from.Y, -from.Z, -from.W);
        Near(Vector3D.Zero, (from.Inverse * Rotation.Interpolate(from, same, 0.5)).ToVector());
    }

    [Fact]
    public void Random_rotations_take_a_direction_anywhere()
    {
        var (rng, mean) = (new Rng(3), Vector3D.Zero);
        const int Draws = 20_000;
        for (var i = 0; i < Draws; i++) mean += Rotation.Random(rng).Apply(Vector3D.UnitX) / Draws;
        Assert.InRange(mean.Length, 0, 4 / Math.Sqrt(Draws));
    }

    private static void Near(Vector3D expected, Vector3D actual)
    {
        for (var i = 0; i < 3; i++) Assert.Equal(expected[i], actual[i], 1e-9);
    }
}
