namespace CitySafeSense.Learning;

/// <summary>A differentiable function of a flat vector of weights. It holds no weights itself, so one model serves every client.</summary>
public interface IModel
{
    string Name { get; }
    ParameterLayout Layout { get; }
    int InputLength { get; }

    /// <summary>Logits of a classifier, one for each class; values of a reconstruction.</summary>
    int Outputs { get; }

    /// <summary>Floating-point operations of one forward pass; a fused multiply-add counts two.</summary>
    long ForwardOperations { get; }

    /// <summary>Fresh weights, the same ones for the same seed.</summary>
    float[] Initialise(ulong seed);

    /// <summary>Scratch memory for one worker; everything below is allocation-free once it exists.</summary>
    ModelWorkspace CreateWorkspace();

    /// <summary>[outputs] of one input.</summary>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    void Infer(ReadOnlySpan<float> weights, ReadOnlySpan<float> input, ModelWorkspace workspace, Span<float> output);

    /// <summary>[outputs] of every row of examples, one after the other; the weights are made ready once.</summary>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    void Infer(ReadOnlySpan<float> weights, Examples examples, ModelWorkspace workspace, RowOutput each);

    /// <summary>The loss of one output for a row of examples.</summary>
    double LossOf(ReadOnlySpan<float> output, Examples examples, int row);

    /// <summary>Mean loss over the rows of a batch, and its gradient with respect to the weights.</summary>
    /// <param name="gradient">[parameters], overwritten.</param>
    /// <exception cref="ArgumentException">The batch is empty, a label does not exist, a shape does not fit or a value is not finite; said before any work.</exception>
    double LossAndGradient(ReadOnlySpan<float> weights, Examples examples, ReadOnlySpan<int> rows, ModelWorkspace workspace, Span<float> gradient);
}

/// <summary>Is told what a model makes of a row; the output is overwritten by that of the next row.</summary>
public delegate void RowOutput(int row, ReadOnlySpan<float> output);

/// <summary>Scratch memory of one model for one worker at a time.</summary>
public abstract class ModelWorkspace;
