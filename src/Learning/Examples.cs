namespace CitySafeSense.Learning;

/// <summary>What a model learns from: inputs and labels, row by row. Rows are drawn by index, so that no batch is ever copied.</summary>
public sealed class Examples
{
    private readonly float[] inputs;
    private readonly int[] labels;

    /// <param name="inputs">[rows, inputLength]. Kept.</param>
    /// <param name="labels">[rows]. Kept.</param>
    /// <exception cref="ArgumentException">The lengths do not belong together.</exception>
    public Examples(float[] inputs, int[] labels, int inputLength)
    {
        if (inputs.Length != labels.Length * inputLength)
            throw new ArgumentException($"{labels.Length} rows of {inputLength} inputs are {labels.Length * inputLength} values, not {inputs.Length}");
        this.inputs = inputs;
        this.labels = labels;
        InputLength = inputLength;
    }

    public int Count => labels.Length;
    public int InputLength { get; }
    public ReadOnlySpan<float> Input(int row) => inputs.AsSpan(row * InputLength, InputLength);
    public int Label(int row) => labels[row];

    /// <summary>The same inputs under other labels: what a model must not be able to learn from.</summary>
    public Examples WithLabels(int[] other) => new(inputs, other, InputLength);
}
