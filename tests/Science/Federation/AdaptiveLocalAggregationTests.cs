using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Federation;

public class AdaptiveLocalAggregationTests
{
    private static readonly Network Model = Tcn.Build(new TcnOptions(4, 20, 3, 4, 3, [1, 2], 1));
    private static readonly Examples Data = Draw(24);
    private static readonly float[] Global = Model.Initialise(1);
    private static readonly float[] Local = Model.Initialise(2);

    [Fact]
    public void Nothing_is_learned_while_global_and_local_are_one()
    {
        var (weights, memory) = Blend(Global, Global, BlendMemory.None);
        Assert.Equal(Global, weights);
        Assert.Same(BlendMemory.None, memory);
    }

    [Fact]
    public void Lower_tensors_come_from_the_server_and_the_top_lies_between()
    {
        var (weights, memory) = Blend(Global, Local, BlendMemory.None);
        var top = Model.Layout.OffsetOfTop(2);
        Assert.Equal(Global[..top], weights[..top]);
        Assert.Equal(Model.Layout.Length - top, memory.Coefficients.Length);
        for (var i = top; i < weights.Length; i++)
        {
            Assert.InRange(memory.Coefficients[i - top], 0, 1);
            Assert.Equal(Local[i] + (Global[i] - Local[i]) * memory.Coefficients[i - top], weights[i], 1e-6f);
        }
        Assert.Contains(memory.Coefficients, c => c < 0.999f);
    }

    [Fact]
    public void One_epoch_after_the_first_fit_is_the_published_update_step_by_step()
    {
        // The slow version: one contiguous slice, W := clamp(W - eta grad (g - l), 0, 1) after each batch.
        var rng = new Rng(3);
        var remembered = new BlendMemory([.. Enumerable.Range(0, Model.Layout.Length - Model.Layout.OffsetOfTop(2)).Select(_ => (float)rng.NextDouble())], true);
        var expected = remembered.Coefficients.Select(c => (double)c).ToArray();
        var top = Model.Layout.OffsetOfTop(2);
        var length = (int)(0.8 * Data.Count);
        var start = new Rng(9).NextInt(Data.Count - length + 1);
        var weights = Global.ToArray();
        var (gradient, workspace) = (new float[weights.Length], Model.CreateWorkspace());
        void Apply()
        {
            for (var i = 0; i < expected.Length; i++) weights[top + i] = (float)(Local[top + i] + (Global[top + i] - Local[top + i]) * expected[i]);
        }
        Apply();
        for (var at = start; at < start + length; at += 5)
        {
            Model.LossAndGradient(weights, Data, [.. Enumerable.Range(at, Math.Min(5, start + length - at))], workspace, gradient);
            for (var i = 0; i < expected.Length; i++) expected[i] = Math.Clamp(expected[i] - gradient[top + i] * (Global[top + i] - Local[top + i]), 0, 1);
            Apply();
        }
        var (_, memory) = AdaptiveLocalAggregation.Blend(Model, Global, Local, remembered, Data, new AdaptiveLocalAggregationOptions(), 5, new Rng(9), workspace);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], memory.Coefficients[i], 1e-4);
    }

    [Fact]
    public void First_fit_ends_even_where_the_loss_never_settles()
    {
        var options = new AdaptiveLocalAggregationOptions { LossDeviationMax = 0, FirstFitEpochsMax = 15 };
        var (weights, memory) = AdaptiveLocalAggregation.Blend(Model, Global, Local, BlendMemory.None, Data, options, 5, new Rng(1), Model.CreateWorkspace());
        Assert.True(memory.Converged);
        Assert.All(weights, w => Assert.True(float.IsFinite(w)));
    }

    [Fact]
    public void Channel_wise_has_one_coefficient_for_each_filter_each_bias_and_each_other_tensor()
    {
        var groups = ChannelwiseAggregation.Groups(Model.Layout);
        // Two convolutions of 4 filters with 4 biases, then a 4 x 3 matrix as one and its 3 biases.
        Assert.Equal(4 + 4 + 4 + 4 + 1 + 3, groups.Distinct().Count());
        var first = Model.Layout.Tensors[0];
        // [taps, inputs, filters]: every fourth weight belongs to one filter.
        Assert.Equal(groups[first.Offset], groups[first.Offset + 4]);
        Assert.NotEqual(groups[first.Offset], groups[first.Offset + 1]);
    }

    [Fact]
    public void Channel_axis_is_the_layouts_not_the_first()
    {
        var builder = new ParameterLayout.Builder();
        builder.Add("transposed", 1, 2, 3, 5); // [inputs, outputs, kernel]
        var groups = ChannelwiseAggregation.Groups(builder.Build());
        Assert.Equal(3, groups.Distinct().Count());
        Assert.Equal(groups[0], groups[15]);
        Assert.NotEqual(groups[0], groups[5]);
    }

    [Fact]
    public void Channel_wise_blend_lowers_the_clients_own_loss()
    {
        var workspace = Model.CreateWorkspace();
        var trained = Local.ToArray();
        LocalTraining.Run(Model, trained, Data, new LocalTrainingOptions { Epochs = 30 }, new Rng(1), workspace);
        var blended = ChannelwiseAggregation.Blend(Model, Global, trained, Data, new ChannelwiseAggregationOptions { Batches = 30 }, 8, new Rng(2), workspace);
        Assert.True(Evaluation.Of(Model, blended, Data, workspace).Loss < Evaluation.Of(Model, Global, Data, workspace).Loss);
    }

    private static (float[], BlendMemory) Blend(float[] global, float[] local, BlendMemory memory) =>
        AdaptiveLocalAggregation.Blend(Model, global, local, memory, Data, new AdaptiveLocalAggregationOptions(), 5, new Rng(1), Model.CreateWorkspace());

    private static Examples Draw(int rows)
    {
        var rng = new Rng(8);
        return new([.. Enumerable.Range(0, rows * 80).Select(_ => (float)rng.Gaussian())], [.. Enumerable.Range(0, rows).Select(r => r % 3)], 80);
    }
}
