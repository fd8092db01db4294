namespace CitySafeSense.Learning;

/// <summary>The largest absolute value of a quantised weight.</summary>
public enum WeightRange
{
    /// <summary>
    /// -64 to 64. ONNX Runtime on x86 without VNNI multiplies unsigned activations and signed weights with vpmaddubsw, which adds two
    /// products in 16 bits and saturates: 2 * 255 * 64 = 32,640 fits, 2 * 255 * 127 does not.
    /// </summary>
    SevenBits = 64,

    /// <summary>-127 to 127, for executors that sum in 32 bits: ours and the exported C.</summary>
    EightBits = 127,
}
