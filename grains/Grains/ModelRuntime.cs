using System.Collections.Concurrent;
using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>A model's code, made from its description: the network, its scaling, and scratch memory that workers take turns with.</summary>
public sealed class ModelRuntime
{
    private readonly ConcurrentBag<ModelWorkspace> idle = [];

    /// <exception cref="ArgumentException">No model is called so, a setting is not one of it, or its shape is not the window's.</exception>
    public ModelRuntime(ModelSpec spec)
    {
        var schema = WindowSchema.Default;
        if (spec.Input == LearningInput.Windows && (spec.Channels != schema.NetworkChannels || spec.Samples != schema.Samples))
            throw new ArgumentException($"a model of {spec.Channels} x {spec.Samples} inputs does not fit windows of {schema.NetworkChannels} x {schema.Samples}");
        Model = Describe(spec).Build();
        Scaling = new ChannelScaling([.. spec.Centre], [.. spec.Scale]);
    }

    public IModel Model { get; }
    public ChannelScaling Scaling { get; }

    /// <summary>The default model for windows of the default schema.</summary>
    public static ModelSpec SpecFor(int classes, ChannelScaling scaling) =>
        new("tcn", WindowSchema.Default.NetworkChannels, WindowSchema.Default.Samples, classes, [.. scaling.Centre], [.. scaling.Scale]);

    /// <summary>As it travels to devices that train by themselves.</summary>
    public static ModelDescription Describe(ModelSpec spec) =>
        new(spec.Kind, spec.Settings, spec.Channels, spec.Height, spec.Samples, spec.Classes, [.. spec.Centre], [.. spec.Scale]);

    /// <summary>Lends scratch memory for the length of some work.</summary>
    public T With<T>(Func<ModelWorkspace, T> work)
    {
        var workspace = idle.TryTake(out var used) ? used : Model.CreateWorkspace();
        try
        {
            return work(workspace);
        }
        finally
        {
            idle.Add(workspace);
        }
    }

    /// <summary>The most likely class of a window and its probability.</summary>
    public (int Class, float Probability) Classify(ReadOnlyMemory<float> weights, SensorWindow window) => With(workspace =>
    {
        Span<float> input = new float[Model.InputLength];
        NetworkInput.Write(window, Scaling, input);
        Span<float> scores = stackalloc float[Model.Outputs];
        Model.Infer(weights.Span, input, workspace, scores);
        Softmax.Apply(scores);
        var best = Classification.ArgMax(scores);
        return (best, scores[best]);
    });

    public Examples Examples(IReadOnlyList<(SensorWindow Window, int Label)> windows)
    {
        var inputs = new float[windows.Count * Model.InputLength];
        for (var i = 0; i < windows.Count; i++) NetworkInput.Write(windows[i].Window, Scaling, inputs.AsSpan(i * Model.InputLength, Model.InputLength));
        return new Examples(inputs, [.. windows.Select(w => w.Label)], Model.InputLength);
    }
}
