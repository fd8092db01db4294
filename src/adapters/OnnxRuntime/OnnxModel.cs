using Microsoft.ML.OnnxRuntime;

namespace CitySafeSense.OnnxRuntime;

/// <summary>A model in ONNX Runtime, on the processor: one session, any number of callers.</summary>
public sealed class OnnxModel : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions run = new();
    private readonly string source, inputName;
    private readonly int[] inputShape;

    /// <param name="threads">Of one inference; 1 where many run side by side.</param>
    /// <exception cref="InvalidDataException">These bytes are no model that ONNX Runtime can run; says of which source and why.</exception>
    public OnnxModel(byte[] model, string source, int threads = 1)
    {
        this.source = source;
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            session = new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{source}: ONNX Runtime {RuntimeVersion} cannot run this model ({e.Message}); export it again", e);
        }
        var (name, shape) = session.InputMetadata.Select(i => (i.Key, i.Value)).FirstOrDefault();
        if (session.InputMetadata.Count != 1 || shape.ElementType != typeof(float) || shape.Dimensions.Length < 2 || shape.Dimensions[0] != -1 || shape.Dimensions.Skip(1).Any(n => n < 1))
        {
            Dispose();
            throw new InvalidDataException($"{source}: a model with one input of floats, [any batch, sizes that are known], is needed");
        }
        (inputName, inputShape) = (name, shape.Dimensions);
        InputLength = inputShape.Skip(1).Aggregate(1, (product, n) => product * n);
    }

    public static string RuntimeVersion => OrtEnv.Instance().GetVersionString();

    /// <summary>Values of one input.</summary>
    public int InputLength { get; }

    public IReadOnlyList<string> Outputs => session.OutputNames;

    /// <summary>One output for a batch: [batch, ...].</summary>
    /// <param name="inputs">[batch, inputLength].</param>
    /// <exception cref="ArgumentException">The inputs are no whole number of examples, or the model has no such output.</exception>
    public float[] Run(float[] inputs, string output)
    {
        if (inputs.Length == 0 || inputs.Length % InputLength != 0) throw new ArgumentException($"{source} takes inputs of {InputLength} values; {inputs.Length} are no whole number of them");
        if (!session.OutputNames.Contains(output)) throw new ArgumentException($"{source} has no output \"{output}\"; there are {string.Join(", ", session.OutputNames)}");
        long[] shape = [inputs.Length / InputLength, .. inputShape.Skip(1).Select(n => (long)n)];
        using var tensor = OrtValue.CreateTensorValueFromMemory(inputs, shape);
        using var results = session.Run(run, [inputName], [tensor], [output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose()
    {
        run.Dispose();
        session.Dispose();
    }
}
