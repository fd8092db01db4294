using CitySafeSense.Learning;

namespace CitySafeSense.Science.Learning;

public class OptimisersTests
{
    [Fact]
    public void Momentum_accumulates_as_written()
    {
        var sgd = new Sgd(1, 0.1, 0.9);
        float[] w = [1];
        sgd.Step(w, [2]); // v = 2, w = 0.8
        sgd.Step(w, [1]); // v = 2.8, w = 0.52
        Assert.Equal(0.52f, w[0], 1e-6f);
    }

    [Fact]
    public void First_step_of_adam_is_the_rate_whatever_the_gradients_size()
    {
        foreach (var g in new[] { 1e-3f, 1f, 1e3f })
        {
            float[] w = [0];
            new Adam(1, 0.01).Step(w, [g]);
            Assert.Equal(-0.01, w[0], 1e-5);
        }
    }

    [Fact]
    public void Adam_follows_the_papers_recursion()
    {
        var adam = new Adam(1, 0.1);
        float[] w = [1];
        double m = 0, v = 0, expected = 1;
        for (var t = 1; t <= 30; t++)
        {
            var g = 2 * expected - 0.5 * t / 30;
            adam.Step(w, [(float)g]);
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            expected -= 0.1 * (m / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v / (1 - Math.Pow(0.999, t))) + 1e-8);
            Assert.Equal(expected, w[0], 1e-4);
        }
    }

    [Fact]
    public void Clip_bounds_the_norm_and_leaves_what_is_short()
    {
        float[] gradient = [3, 4];
        Assert.Equal(5, GradientClip.ByNorm(gradient, 1), 1e-9);
        Assert.Equal([0.6f, 0.8f], gradient);
        GradientClip.ByNorm(gradient, 2);
        Assert.Equal([0.6f, 0.8f], gradient);
    }
}
