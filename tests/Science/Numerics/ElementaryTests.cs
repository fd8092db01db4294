using System.Text.Json;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Numerics;

/// <summary>Elementary functions beside values computed with 300 bits (mpmath, tests/Golden/elementary.json) and beside the C library.</summary>
public class ElementaryTests
{
    private const double UlpsMax = 2;

    private static readonly Dictionary<string, (Func<double, double> Ours, Func<double, double> Library, double Low, double High)> functions = new()
    {
        ["sin"] = (Elementary.Sin, Math.Sin, -1e4, 1e4),
        ["cos"] = (Elementary.Cos, Math.Cos, -1e4, 1e4),
        ["tan"] = (Elementary.Tan, Math.Tan, -1e4, 1e4),
        ["asin"] = (Elementary.Asin, Math.Asin, -1, 1),
        ["acos"] = (Elementary.Acos, Math.Acos, -1, 1),
        ["atan"] = (Elementary.Atan, Math.Atan, -20, 20),
        ["exp"] = (Elementary.Exp, Math.Exp, -700, 700),
        ["log"] = (Elementary.Log, Math.Log, 1e-6, 100),
    };

    public static TheoryData<string> Names => [.. functions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_are_within_two_units_of_the_last_place(string name)
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "elementary.json")));
        foreach (var pair in golden.RootElement.GetProperty(name).EnumerateArray())
            Within(pair[1].GetDouble(), functions[name].Ours(pair[0].GetDouble()), UlpsMax, $"{name}({pair[0].GetDouble():R})");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_hundred_thousand_values_agree_with_the_library(string name)
    {
        var (ours, library, low, high) = functions[name];
        var rng = new Rng(3);
        for (var i = 0; i < 100_000; i++)
        {
            var x = rng.Uniform(low, high);
            Within(library(x), ours(x), UlpsMax + 1, $"{name}({x:R})"); // the library errs by one of its own
        }
    }

    [Fact]
    public void The_angle_of_a_point_agrees_with_the_library_in_every_quadrant()
    {
        var rng = new Rng(5);
        for (var i = 0; i < 100_000; i++)
        {
            var (x, y) = (rng.Gaussian() * Math.Exp(rng.Uniform(-20, 20)), rng.Gaussian());
            Within(Math.Atan2(y, x), Elementary.Atan2(y, x), UlpsMax + 1, $"atan2({y:R}, {x:R})");
        }
        double[] special = [0, -0.0, 1, -1, double.PositiveInfinity, double.NegativeInfinity, double.NaN, 5e-324, double.MaxValue];
        foreach (var y in special)
            foreach (var x in special) Within(Math.Atan2(y, x), Elementary.Atan2(y, x), 1, $"atan2({y:R}, {x:R})");
    }

    [Fact]
    public void What_is_outside_of_a_domain_is_what_IEEE_754_says()
    {
        foreach (var (ours, library, _, _) in functions.Values)
            foreach (var x in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 0 }) Within(library(x), ours(x), 1, $"{x}");
        Assert.True(double.IsNaN(Elementary.Log(-1)) && double.IsNaN(Elementary.Asin(1.0000001)) && double.IsNaN(Elementary.Acos(-1.0000001)));
        Assert.Equal((0.0, double.PositiveInfinity), (Elementary.Exp(-746), Elementary.Exp(710)));
        Assert.Equal((double.PositiveInfinity, double.NegativeInfinity), (Elementary.Log2(double.PositiveInfinity), Elementary.Log2(0)));
    }

    [Fact]
    public void Sines_of_large_arguments_stay_within_one()
    {
        foreach (var x in new[] { 3e8, 1e12, 1e17, 1e300, double.MaxValue })
        {
            var (sin, cos) = Elementary.SinCos(x);
            Assert.Equal(1, sin * sin + cos * cos, 1e-12);
        }
    }

    [Fact]
    public void Binary_logarithms_of_powers_of_two_and_whole_powers_are_exact()
    {
        for (var n = -1074; n < 1024; n++) Assert.Equal(n, Elementary.Log2(Math.ScaleB(1, n)));
        Assert.Equal((1.0, 81.0, 0.125, -27.0), (Elementary.Power(7, 0), Elementary.Power(3, 4), Elementary.Power(2, -3), Elementary.Power(-3, 3)));
    }

    private static void Within(double expected, double actual, double ulps, string of)
    {
        if (double.IsNaN(expected) || double.IsInfinity(expected) || expected == 0)
        {
            Assert.True(expected.Equals(actual), $"{of}: {actual:R}, expected {expected:R}");
            return;
        }
        var unit = Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected);
        Assert.True(Math.Abs(actual - expected) <= ulps * unit, $"{of}: {actual:R}, expected {expected:R}: {(actual - expected) / unit:F1} units apart");
    }
}
