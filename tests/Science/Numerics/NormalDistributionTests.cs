using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Numerics;

public class NormalDistributionTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1.959963984540054, 0.025)]
    [InlineData(3, 1.3498980316300946e-3)]
    [InlineData(5.199337582192816, 1e-7)]
    [InlineData(-1.2815515655446004, 0.9)]
    public void Tail_and_quantile_have_the_tabulated_values(double z, double tail)
    {
        Assert.Equal(1, NormalDistribution.UpperTail(z) / tail, 1e-9);
        Assert.Equal(z, NormalDistribution.UpperQuantile(tail), 1e-8);
    }
}
