namespace CitySafeSense.Numerics;

/// <summary>
/// Tiles of a <see cref="Product"/>: so many rows by one or two vectors, accumulated in registers. Written out, because the
/// compiler keeps an accumulator in a register only where it is a local of its own.
/// </summary>
internal static partial class ProductTiles<TVector, TOperations>
    where TVector : struct
    where TOperations : struct, IVectorOperations<TVector>
{
    public static void Run(in Product p)
    {
        nint column = 0;
        for (; column <= p.Columns - 2 * TOperations.Lanes; column += 2 * TOperations.Lanes)
        {
            nint row = 0;
            if (TOperations.HasManyRegisters)
                for (; row <= p.Rows - 8; row += 8) EightByTwo(p, row, column);
            for (; row <= p.Rows - 4; row += 4) FourByTwo(p, row, column);
            for (; row <= p.Rows - 3; row += 3) ThreeByTwo(p, row, column);
            for (; row < p.Rows; row++) OneByTwo(p, row, column);
        }
        for (; column < p.Columns; column += TOperations.Lanes)
        {
            nint row = 0;
            for (; row <= p.Rows - 8; row += 8) EightByOne(p, row, column);
            for (; row <= p.Rows - 4; row += 4) FourByOne(p, row, column);
            for (; row < p.Rows; row++) OneByOne(p, row, column);
        }
    }
}
