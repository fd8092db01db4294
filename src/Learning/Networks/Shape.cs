namespace CitySafeSense.Learning;

/// <summary>What flows between layers: [channels, height, width]. A signal has height 1 and its time as width; a vector is 1 by 1.</summary>
public readonly record struct Shape(int Channels, int Height, int Width)
{
    public int Length => checked(Channels * Height * Width);

    public override string ToString() => $"{Channels} x {Height} x {Width}";
}
