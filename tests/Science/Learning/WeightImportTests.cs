using CitySafeSense.Learning;

namespace CitySafeSense.Science.Learning;

public class WeightImportTests
{
    [Fact]
    public void Arrays_of_pytorch_find_their_layers_by_shape_and_are_turned()
    {
        var layout = Mlp.Build(3, [2], 4).Layout;
        var weights = WeightImport.Of(layout, new Dictionary<string, (IReadOnlyList<int>, float[])>
        {
            ["fc.weight"] = ([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
            ["fc.bias"] = ([4], [9, 9, 9, 9]),
            ["fc1.weight"] = ([2, 3], [10, 20, 30, 40, 50, 60]),
            ["fc1.bias"] = ([2], [7, 8]),
        });
        Assert.Equal([10f, 40, 20, 50, 30, 60, 7, 8, 1, 3, 5, 7, 2, 4, 6, 8, 9, 9, 9, 9], weights);
    }

    [Fact]
    public void What_has_no_place_is_named()
    {
        var layout = Mlp.Build(3, [], 2).Layout;
        Assert.Contains("no array of shape (2, 3) is left for head.weight", Assert.Throws<ArgumentException>(() => WeightImport.Of(layout, new Dictionary<string, (IReadOnlyList<int>, float[])> { ["w"] = ([3, 2], new float[6]) })).Message);
        Assert.Contains("extra belongs to no layer", Assert.Throws<ArgumentException>(() => WeightImport.Of(layout, new Dictionary<string, (IReadOnlyList<int>, float[])> { ["w"] = ([2, 3], new float[6]), ["b"] = ([2], new float[2]), ["extra"] = ([5], new float[5]) })).Message);
    }
}
