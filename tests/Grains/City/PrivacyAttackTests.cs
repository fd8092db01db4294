using CitySafeSense.InProcess;

namespace CitySafeSense.Tests.City;

/// <summary>Attacks on what is released come through where a fault is planted, and only there.</summary>
public class PrivacyAttackTests
{
    public static TheoryData<string> Attacks => [.. PrivacyAttacks.Names];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Attack_fails(string name)
    {
        var outcome = await PrivacyAttacks.Try(name, PrivacyPlant.None, seed: 2);
        Assert.True(outcome.Tries > 0);
        Assert.Empty(outcome.Violations);
    }

    [Theory]
    [InlineData("k_minus_one", PrivacyPlant.KMinusOne)]
    [InlineData("parent_minus_children", PrivacyPlant.KMinusOne)]
    [InlineData("averaging", PrivacyPlant.ResampledNoise)]
    [InlineData("late_data", PrivacyPlant.ResampledNoise)]
    [InlineData("crash_before_publishing", PrivacyPlant.ResampledNoise)]
    [InlineData("overlapping_boxes", PrivacyPlant.ResampledNoise)]
    [InlineData("alarm_flips", PrivacyPlant.RawAlarm)]
    [InlineData("differencing", PrivacyPlant.NoNoise)]
    [InlineData("one_owner", PrivacyPlant.OwnerBlind)]
    [InlineData("replayed_pseudonym", PrivacyPlant.FixedPseudonym)]
    public async Task Attack_comes_through_where_its_fault_is_planted(string name, PrivacyPlant plant) =>
        Assert.NotEmpty((await PrivacyAttacks.Try(name, plant, seed: 2)).Violations);
}
