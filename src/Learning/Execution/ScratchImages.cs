namespace CitySafeSense.Learning;

/// <summary>
/// Images that hold something only while one layer computes, shared by all that need the same: they stay in the cache. Their
/// borders are zero and remain so.
/// </summary>
internal sealed class ScratchImages
{
    private readonly Dictionary<(Shape, Border), Image[]> images = [];

    public Image[] Of(Shape shape, Border border, int count)
    {
        if (images.TryGetValue((shape, border), out var found) && found.Length >= count) return found;
        return images[(shape, border)] = Make(shape, border, count);
    }

    public static Image[] Make(Shape shape, Border border, int count) => [.. Enumerable.Range(0, count).Select(_ => new Image(shape, border))];
}
