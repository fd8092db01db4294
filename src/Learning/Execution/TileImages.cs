using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>Four images of one shape, one for each factor of minimal filtering (<see cref="MinimalConvolutionOperation"/>).</summary>
internal abstract class TileImages(Shape shape, Border border)
{
    public const int Factors = 4;

    private readonly Image[] images = [.. Enumerable.Range(0, Factors).Select(_ => new Image(shape, border))];

    public Image this[int factor] => images[factor];

    /// <summary>The first pixel of a row in each of the four.</summary>
    public Four RowOf(int y)
    {
        var at = images[0].At(y, 0);
        return new Four { First = ref images[0][at], Second = ref images[1][at], Third = ref images[2][at], Fourth = ref images[3][at] };
    }
}

/// <summary>Factors of the inputs: what the four products read.</summary>
internal sealed class TileInputs(Shape shape, Border border) : TileImages(shape, border);

/// <summary>The four products: what outputs are made of.</summary>
internal sealed class TileOutputs(Shape shape, Border border) : TileImages(shape, border);

/// <summary>
/// Tile images that hold something only while one layer computes, shared by all layers that need the same ones, so that they
/// stay in the cache. Their borders are zero and remain so.
/// </summary>
/// <remarks>
/// Inputs and outputs have a type and a pool each. A product that overwrites the pixels it still has to read gives results
/// that depend on the register width; with one pool for both, a layer with as many channels in as out did that.
/// </remarks>
internal sealed class TileScratch
{
    private readonly Dictionary<(Shape, Border), TileInputs> inputs = [];
    private readonly Dictionary<(Shape, Border), TileOutputs> outputs = [];

    public TileInputs Inputs(Shape shape, Border border) => inputs.TryGetValue((shape, border), out var found) ? found : inputs[(shape, border)] = new(shape, border);

    public TileOutputs Outputs(Shape shape, Border border) => outputs.TryGetValue((shape, border), out var found) ? found : outputs[(shape, border)] = new(shape, border);
}
