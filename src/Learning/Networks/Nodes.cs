namespace CitySafeSense.Learning;

/// <summary>What is applied to every value that a layer makes.</summary>
public enum Activation
{
    None,

    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Logistic,
}

/// <summary>A step of a network: what it makes, and of which earlier steps. It says what is computed, not how.</summary>
/// <param name="Inputs">Indices of earlier nodes.</param>
public abstract record Node(string Name, Shape Shape, IReadOnlyList<int> Inputs, Activation Activation);

/// <summary>The example.</summary>
public sealed record InputNode(Shape Shape) : Node("input", Shape, [], Activation.None);

/// <summary>A layer with weights: every output is a weighted sum of what a window sees.</summary>
/// <param name="Bias">[outputs].</param>
public abstract record WeightedNode(string Name, Shape Shape, int Input, Window Window, ParameterTensor Weight, ParameterTensor Bias, Activation Activation)
    : Node(Name, Shape, [Input], Activation);

/// <summary>A convolution; of a vector, with a window of one pixel, a dense layer.</summary>
/// <param name="Weight">[height, width, inputs, outputs]; of a dense layer [inputs, outputs].</param>
public sealed record ConvolutionNode(string Name, Shape Shape, int Input, Window Window, ParameterTensor Weight, ParameterTensor Bias, Activation Activation)
    : WeightedNode(Name, Shape, Input, Window, Weight, Bias, Activation);

/// <summary>The transpose of a convolution: every input pixel paints a window of outputs.</summary>
/// <param name="Weight">[height, width, inputs, outputs].</param>
/// <param name="Extra">Rows and columns at the end that no tap may reach.</param>
public sealed record TransposedConvolutionNode(string Name, Shape Shape, int Input, Window Window, int Extra, ParameterTensor Weight, ParameterTensor Bias, Activation Activation)
    : WeightedNode(Name, Shape, Input, Window, Weight, Bias, Activation);

/// <summary>A convolution of each channel by itself.</summary>
/// <param name="Weight">[height, width, channels].</param>
public sealed record DepthwiseNode(string Name, Shape Shape, int Input, Window Window, ParameterTensor Weight, ParameterTensor Bias, Activation Activation)
    : WeightedNode(Name, Shape, Input, Window, Weight, Bias, Activation);

/// <summary>The largest of every 2 x 2 pixels.</summary>
public sealed record MaxPoolNode(string Name, Shape Shape, int Input) : Node(Name, Shape, [Input], Activation.None);

/// <summary>The mean of every channel.</summary>
public sealed record GlobalAverageNode(string Name, Shape Shape, int Input) : Node(Name, Shape, [Input], Activation.None);

/// <summary>The sum of two.</summary>
public sealed record AddNode(string Name, Shape Shape, int First, int Second, Activation Activation) : Node(Name, Shape, [First, Second], Activation);
