using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Learning.Scores;

public class ScoresTests
{
    [Fact]
    public void Area_under_the_curve_is_the_share_of_pairs_in_order()
    {
        Assert.Equal(1, RocArea.Of([1, 2, 3, 4], [false, false, true, true]));
        Assert.Equal(0, RocArea.Of([4, 3], [false, true]));
        Assert.Equal(0.5, RocArea.Of([7, 7, 7], [false, true, true]));
        Assert.Equal(0.75, RocArea.Of([0.1, 0.4, 0.35, 0.8], [false, false, true, true])); // scikit-learn's example
        Assert.Equal(double.NaN, RocArea.Of([1, 2], [true, true]));
        var rng = new Rng(3);
        var (scores, truth) = (new double[200], new bool[200]);
        for (var i = 0; i < 200; i++) (scores[i], truth[i]) = (rng.NextInt(20), rng.Chance(0.3));
        var pairs = from p in Enumerable.Range(0, 200) where truth[p] from n in Enumerable.Range(0, 200) where !truth[n] select scores[p] > scores[n] ? 1 : scores[p].Equals(scores[n]) ? 0.5 : 0;
        Assert.Equal(pairs.Average(), RocArea.Of(scores, truth), 1e-12);
    }

    [Fact]
    public void Curve_has_the_area_and_begins_and_ends_in_its_corners()
    {
        var rng = new Rng(7);
        var (scores, truth) = (new double[300], new bool[300]);
        for (var i = 0; i < 300; i++) (truth[i], scores[i]) = (i % 3 == 0, rng.NextInt(30) + (i % 3 == 0 ? 5 : 0));
        var curve = RocCurve.Of(scores, truth);
        Assert.Equal(((0, 0), (1, 1)), (curve[0], curve[^1]));
        var area = curve.Zip(curve.Skip(1)).Sum(p => (p.Second.FalsePositives - p.First.FalsePositives) * (p.Second.TruePositives + p.First.TruePositives) / 2);
        Assert.Equal(RocArea.Of(scores, truth), area, 1e-12);
        Assert.Empty(RocCurve.Of([1, 2], [true, true]));
    }

    [Fact]
    public void Episode_begins_once_and_ends_when_it_has_been_calm()
    {
        var episodes = new Episodes(calm: 3);
        bool[] above = [false, true, true, false, false, true, false, false, false, true];
        Assert.Equal([1, 9], above.Select((a, i) => (Begins: episodes.Next(a), i)).Where(x => x.Begins).Select(x => x.i));
        Assert.True(episodes.IsOpen);
    }

    [Fact]
    public void Image_that_is_repeated_exactly_scores_nothing()
    {
        var (shape, image) = (new Shape(3, 32, 32), Noise(new Shape(3, 32, 32), 1));
        var score = ReconstructionScore.Of(image, image, shape, [], new float[shape.Length]);
        Assert.Equal((0, 0, 0), (score.Mean, score.WorstPatch, score.Change));
        Assert.Equal(0, score.Dissimilarity, 1e-12);
    }

    [Fact]
    public void One_wrong_patch_is_a_64th_of_the_mean_and_all_of_the_worst()
    {
        var (shape, image) = (new Shape(3, 32, 32), Noise(new Shape(3, 32, 32), 1));
        var wrong = image.ToArray();
        for (var channel = 0; channel < 3; channel++)
            for (var y = 8; y < 12; y++)
                for (var x = 20; x < 24; x++) wrong[(channel * 32 + y) * 32 + x] += 0.5f;
        var difference = new float[shape.Length];
        var score = ReconstructionScore.Of(image, wrong, shape, [], difference);
        Assert.Equal(0.25, score.WorstPatch, 1e-6);
        Assert.Equal(0.25 / 64, score.Mean, 1e-6);
        Assert.Equal(0.25 * 4 / 16, score.WorstSixteenth, 1e-6); // four of the sixteen worst of 256 smaller patches
        // The same is wrong again: nothing has changed. Where it is right again, that is the change.
        Assert.Equal(0, ReconstructionScore.Of(image, wrong, shape, difference, new float[shape.Length]).Change, 1e-12);
        Assert.Equal(score.Mean, ReconstructionScore.Of(image, image, shape, difference, new float[shape.Length]).Change, 1e-9);
    }

    [Fact]
    public void Similarity_sees_form_more_than_brightness()
    {
        var shape = new Shape(3, 32, 32);
        var image = Noise(shape, 1);
        float[] brighter = [.. image.Select(v => v + 0.1f)], other = Noise(shape, 2);
        double Dissimilarity(float[] output) => ReconstructionScore.Of(image, output, shape, [], new float[shape.Length]).Dissimilarity;
        Assert.InRange(Dissimilarity(brighter), 0, 0.05);
        Assert.InRange(Dissimilarity(other), 0.8, 1.2);
        Assert.Throws<ArgumentException>(() => ReconstructionScore.Of(image, image.AsSpan(1), shape, [], new float[shape.Length]));
    }

    [Theory]
    [InlineData(46)]
    [InlineData(100)]
    [InlineData(512)]
    public void Threshold_is_above_its_quantile_as_often_as_it_says(int n)
    {
        var (right, trials) = (0, 2000);
        for (var trial = 0; trial < trials; trial++)
        {
            var (threshold, rng) = (new NormalThreshold(0.95, 0.9), Rng.For(1, "threshold", $"{n} {trial}"));
            for (var i = 0; i < n; i++) threshold.Add(rng.NextDouble());
            if (threshold.Value >= 0.95) right++;
        }
        Assert.InRange(right / (double)trials, 0.88, 0.97);
    }

    [Fact]
    public void Threshold_follows_slow_drift_and_not_what_it_called_extraordinary()
    {
        var (threshold, rng) = (new NormalThreshold(kept: 200), new Rng(4));
        for (var i = 0; i < 200; i++) threshold.Add(1 + 0.1 * rng.NextDouble());
        var before = threshold.Value;
        for (var i = 0; i < 50; i++) Assert.True(threshold.Judge(5) > 1);
        Assert.Equal(before, threshold.Value);
        for (var i = 0; i < 4000; i++) threshold.Judge((1 + i / 8000.0) * (1 + 0.1 * rng.NextDouble()));
        Assert.InRange(threshold.Value!.Value, 1.5, 1.7);
        Assert.Equal((0, 200 / 201.0), (threshold.ShareBelow(0), threshold.ShareBelow(9)));
        Assert.Null(new NormalThreshold().Value);
        Assert.Throws<ArgumentException>(() => threshold.Add(double.NaN));
        Assert.Throws<ArgumentException>(() => new NormalThreshold(0.99, 0.9, 100));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(400)]
    public void What_stays_out_of_the_ordinary_is_told_for_minutes_and_the_threshold_does_not_sink(int learned)
    {
        var (threshold, rng) = (new NormalThreshold(every: 50), new Rng(6));
        for (var i = 0; i < learned; i++) threshold.Add(1 + 0.1 * rng.NextDouble());
        var before = threshold.Value!.Value;
        Assert.Equal(1500, Enumerable.Range(0, 1500).Count(_ => threshold.Judge(1.3 * before) > 1)); // five minutes of five frames a second
        for (var i = 0; i < 50 * 2000; i++) threshold.Judge(1 + 0.1 * rng.NextDouble());
        Assert.InRange(threshold.Value!.Value, 1.09, 1.11); // of the same scores again the same threshold
    }

    private static float[] Noise(Shape shape, ulong seed)
    {
        var rng = new Rng(seed);
        return [.. Enumerable.Range(0, shape.Length).Select(_ => (float)rng.NextDouble())];
    }
}
