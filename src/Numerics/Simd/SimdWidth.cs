namespace CitySafeSense.Numerics;

/// <summary>How wide the registers are that kernels use. All give the same bits.</summary>
public enum SimdWidth
{
    Scalar = 32,
    Bits128 = 128,
    Bits256 = 256,
    Bits512 = 512,
}
