using CitySafeSense.Learning;

namespace CitySafeSense.Science.Learning;

public class ClassificationTests
{
    [Fact]
    public void Figures_of_a_small_table()
    {
        var c = new Classification(3);
        foreach (var (truth, prediction) in new[] { (0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (2, 2) }) c.Add(truth, prediction);
        Assert.Equal(4 / 6.0, c.Accuracy, 1e-12);
        Assert.Equal(3 / 6.0, c.MajorityAccuracy, 1e-12);
        Assert.Equal(2 * 2 / (3.0 + 3), c.F1(0), 1e-12);
        Assert.Equal((4 / 6.0 + 2 / 4.0 + 1) / 3, c.MacroF1, 1e-12);
        Assert.Equal(c.Counts, Classification.FromCounts(3, c.Counts).Counts);
    }

    [Fact]
    public void Average_precision_of_a_small_ranking() =>
        // Ranked: hit, miss, hit -> 1/2 * 1 + 1/2 * 2/3.
        Assert.Equal(0.5 + 1 / 3.0, AveragePrecision.Of([3, 2, 1], [true, false, true]), 1e-12);

    [Fact]
    public void Loss_and_gradient_of_softmax()
    {
        float[] logits = [1, 2, 3];
        var gradient = new float[3];
        var loss = Softmax.CrossEntropy(logits, 0, gradient);
        Assert.Equal(loss, Softmax.CrossEntropy(logits, 0));
        var sum = Math.Exp(1) + Math.Exp(2) + Math.Exp(3);
        Assert.Equal(Math.Log(sum) - 1, loss, 1e-6);
        Assert.Equal(Math.Exp(1) / sum - 1, gradient[0], 1e-6);
        Assert.Equal(0, gradient.Sum(), 1e-6);
    }

    [Fact]
    public void Diverged_weights_are_named() =>
        Assert.Contains("parameter 1 of 2 is NaN", Assert.Throws<ArgumentException>(() => new ParameterVector([0, float.NaN])).Message);
}
