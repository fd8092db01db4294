using CitySafeSense.Federation;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Federation;

public class PartitionTests
{
    private static readonly int[] Labels = [.. Enumerable.Range(0, 5000).Select(r => r % 10)];

    [Theory]
    [InlineData("dirichlet:0.01")]
    [InlineData("dirichlet:0.1")]
    [InlineData("dirichlet:100")]
    [InlineData("shards:2")]
    [InlineData("quantity:0.05")]
    public void Every_row_is_dealt_once_and_nobody_goes_without(string name)
    {
        foreach (var clients in new[] { 2, 50, 1000, 5000 })
        {
            var dealt = Partition.Parse(name)!.Deal(Labels, clients, new Rng(3));
            Assert.Equal(clients, dealt.Count);
            Assert.All(dealt, rows => Assert.NotEmpty(rows));
            Assert.Equal(Enumerable.Range(0, Labels.Length), dealt.SelectMany(r => r).Order());
            Assert.Equal(dealt, Partition.Parse(name)!.Deal(Labels, clients, new Rng(3)));
        }
        Assert.Throws<ArgumentException>(() => Partition.Parse(name)!.Deal(Labels, 5001, new Rng(3)));
    }

    [Fact]
    public void Small_alpha_and_shards_give_few_labels_each_and_large_alpha_gives_all()
    {
        double LabelsEach(string name) => Partition.Parse(name)!.Deal(Labels, 50, new Rng(1)).Average(rows => rows.Select(r => Labels[r]).Distinct().Count());
        Assert.InRange(LabelsEach("dirichlet:100"), 9.5, 10);
        Assert.InRange(LabelsEach("dirichlet:0.05"), 1, 3.5);
        Assert.InRange(LabelsEach("shards:2"), 1, 3);
    }

    [Fact]
    public void Quantity_skew_changes_numbers_not_labels()
    {
        var sizes = Partition.Parse("quantity:0.5")!.Deal(Labels, 20, new Rng(1)).Select(r => r.Length).ToArray();
        Assert.True(sizes.Max() > 5 * Math.Max(1, sizes.Min()), string.Join(' ', sizes));
        var even = Partition.Parse("quantity:1000")!.Deal(Labels, 20, new Rng(1)).Select(r => r.Length).ToArray();
        Assert.All(even, n => Assert.InRange(n, 200, 300));
    }

    [Theory]
    [InlineData("dirichlet")]
    [InlineData("dirichlet:0")]
    [InlineData("shards:1.5")]
    [InlineData("iid")]
    public void Partitions_that_do_not_exist_are_refused(string name) => Assert.Contains("quantity:ALPHA", Assert.Throws<ArgumentException>(() => Partition.Parse(name)).Message);
}
