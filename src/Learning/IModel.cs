namespace CitySafeSense.Learning;

/// <summary>A differentiable function of a flat vector of weights. It holds no weights itself, so one model serves every client.</summary>
public interface IModel
{
    string Name { get; }
    ParameterLayout Layout { get; }
    int InputLength { get; }
    int Classes { get; }

    /// <summary>Floating-point operations of one forward pass; a fused multiply-add counts two.</summary>
    long ForwardOperations { get; }

    /// <summary>Fresh weights, the same ones for the same seed.</summary>
    float[] Initialise(ulong seed);

    /// <summary>Scratch memory for one worker; everything below is allocation-free once it exists.</summary>
    ModelWorkspace CreateWorkspace();

    /// <summary>[classes] logits of one input.</summary>
    void Logits(ReadOnlySpan<float> weights, ReadOnlySpan<float> input, ModelWorkspace workspace, Span<float> logits);

    /// <summary>Mean cross-entropy over the rows of a batch, and its gradient with respect to the weights.</summary>
    /// <param name="gradient">[parameters], overwritten.</param>
    /// <exception cref="ArgumentException">The batch is empty, a label does not exist or a shape does not fit.</exception>
    double LossAndGradient(ReadOnlySpan<float> weights, Examples examples, ReadOnlySpan<int> rows, ModelWorkspace workspace, Span<float> gradient);
}

/// <summary>Scratch memory of one model for one worker at a time.</summary>
public abstract class ModelWorkspace;
