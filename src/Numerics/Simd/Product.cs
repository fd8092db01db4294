namespace CitySafeSense.Numerics;

/// <summary>
/// A matrix product over memory that is laid out for something else:
/// target[i, j] = start[i, j] + sum over s, r of left[leftAt[s] + i leftRow + r leftStep] * right[rightAt[s] + r rightStep + j].
/// A convolution is one of these, whichever way it is differentiated: s counts its taps or its rows, r what lies side by side.
/// </summary>
/// <remarks>Each element is one chain of fused multiply-adds in the order of s and r: no tile, width or thread changes its bits.</remarks>
public ref struct Product
{
    public ref float Left, Right, Start, Target;

    /// <summary>From one row of the target to the next; 0 for Start repeats one row, such as a bias.</summary>
    public nint LeftRow, StartRow, TargetRow;

    /// <summary>From one term of the inner sum to the next.</summary>
    public nint LeftStep, RightStep;

    /// <summary>Where the inner sums begin, one entry for each s.</summary>
    public ReadOnlySpan<int> LeftAt, RightAt;

    /// <summary>Terms of each inner sum.</summary>
    public int Terms;

    public int Rows;

    /// <summary>A multiple of 8; rows of right, start and target are readable that far.</summary>
    public int Columns;
}
