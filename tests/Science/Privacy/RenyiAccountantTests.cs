using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.Science.Privacy;

public class RenyiAccountantTests
{
    /// <summary>Opacus' published tests, with its default orders.</summary>
    [Theory]
    [InlineData(0.04, 1.5, 2250, 1e-5, 7.32911117)]
    [InlineData(0.01, 1, 10000, 1e-5, 6.712738297)]
    [InlineData(0.01, 1.1, 1000, 1e-5, 1.711770091)]
    [InlineData(0.1, 1, 100, 1e-5, 7.899255002)]
    [InlineData(0.1, 2, 100, 1e-6, 2.914173458)]
    [InlineData(1, 5, 10, 1e-5, 2.813653247)]
    public void Epsilon_is_that_of_the_published_accountant(double q, double sigma, int steps, double delta, double epsilon) =>
        Assert.Equal(epsilon, RenyiAccountant.Epsilon([new(q, sigma, steps)], delta), 1e-6);

    [Theory]
    [InlineData(5, 2.18075656e-3)]
    [InlineData(50, 2.38460375e-2)]
    [InlineData(100, 167.416308)]
    public void Divergence_at_whole_orders_is_that_of_the_published_test(double order, double fifty) =>
        Assert.Equal(fifty, 50 * RenyiAccountant.Divergence(order, 0.01, 2.5), 1e-6 * Math.Max(1, fifty));

    [Fact]
    public void Steps_add_up_and_more_of_them_never_cost_less()
    {
        Assert.Equal(0, RenyiAccountant.Epsilon([], 1e-6));
        Assert.Equal(RenyiAccountant.Epsilon([new(0.1, 2, 20)], 1e-6), RenyiAccountant.Epsilon([new(0.1, 2, 12), new(0.1, 2, 8)], 1e-6), 1e-12);
        Assert.Equal(1.42, RenyiAccountant.Epsilon([new(0.1, 2, 20)], 1e-6), 0.01);
        Assert.Equal(2.59, RenyiAccountant.Epsilon([new(0.1, 1, 1)], 1e-6), 0.01);
        var before = 0.0;
        for (var steps = 1; steps <= 400; steps++)
        {
            var epsilon = RenyiAccountant.Epsilon([new(0.05, 1.2, steps)], 1e-6);
            Assert.True(epsilon >= before, $"step {steps}");
            before = epsilon;
        }
    }

    [Fact]
    public void Analytic_gaussian_has_the_published_values()
    {
        Assert.Equal(0.008751768145810, AnalyticGaussian.Delta(10, 0.1, 1), 1e-12);
        Assert.Equal(0.004159742234, AnalyticGaussian.Delta(10, Math.Log(3), 5), 1e-10);
        Assert.Equal(3.7306316, AnalyticGaussian.Sigma(1, 1e-5, 1), 1e-6);
    }

    /// <summary>A million draws of the mechanism on two neighbours: no event tells them apart better than the accountant says.</summary>
    [Theory]
    [InlineData(1, 1.5)]
    [InlineData(0.3, 0.8)]
    public void Draws_of_neighbours_do_not_exceed_the_epsilon_that_is_charged(double q, double sigma)
    {
        const int Draws = 1_000_000;
        const double Delta = 1e-3;
        var (rng, with, without) = (Rng.For(1, "mechanism", $"{q}"), new double[Draws], new double[Draws]);
        for (var i = 0; i < Draws; i++)
        {
            with[i] = (rng.Chance(q) ? 1 : 0) + sigma * rng.Gaussian();
            without[i] = sigma * rng.Gaussian();
        }
        var epsilon = RenyiAccountant.Epsilon([new(q, sigma, 1)], Delta);
        Assert.InRange(epsilon, 0.1, 10);
        var (worst, tight) = (0.0, 0.0);
        for (var t = -3.0; t <= 6; t += 0.1)
        {
            double above = with.Count(x => x > t), other = without.Count(x => x > t);
            var slack = 4 * Math.Sqrt(Draws * Delta);
            // P(with > t) <= e^epsilon P(without > t) + delta, and the same for what lies below, both ways.
            foreach (var (a, b) in new[] { (above, other), (other, above), (Draws - above, Draws - other), (Draws - other, Draws - above) })
            {
                Assert.True(a <= Math.Exp(epsilon) * b + Delta * Draws + slack, $"threshold {t}: {a} against {b}");
                worst = Math.Max(worst, (a - Delta * Draws) / Math.Max(1, b));
                // The test would see a mechanism that spends three times what is charged.
                tight = Math.Max(tight, (a - Delta * Draws - slack) / (Math.Exp(epsilon / 3) * b + 1));
            }
        }
        Assert.True(Math.Log(worst) > epsilon / 3 && tight > 1, $"the draws tell apart by {Math.Log(worst):F2} of {epsilon:F2} only: the test could not fail");
    }
}
