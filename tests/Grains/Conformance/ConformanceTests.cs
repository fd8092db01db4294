using CitySafeSense.Tests.Runtimes;

namespace CitySafeSense.Tests.Conformance;

/// <summary>The claims, on the runtime that these tests are built with.</summary>
public sealed class ConformanceTests
{
    public static TheoryData<string> Names => [.. Claims.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Claim(string name)
    {
        await using var stage = await RuntimeStage.Start();
        await Claims.All[name](stage);
    }
}
