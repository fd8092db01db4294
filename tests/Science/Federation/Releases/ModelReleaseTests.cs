using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Federation;

public class ModelReleaseTests
{
    [Fact]
    public void Version_goes_through_shadow_and_canary_to_everybody()
    {
        var release = ModelRelease.Nothing.Committed(1, isReleasedTrained: false); // untrained, and nothing before it
        Assert.Equal((1, 0), (release.Released, release.Candidate));
        release = release.Committed(2, isReleasedTrained: false);
        Assert.Equal((2, ReleaseStage.None), (release.Released, release.Stage));
        release = release.Committed(3, isReleasedTrained: true);
        Assert.Equal((2, 3, ReleaseStage.Shadow), (release.Released, release.Candidate, release.Stage));
        Assert.Equal(release, release.Committed(4, isReleasedTrained: true)); // one at a time
        release = release.Advanced();
        Assert.Equal((2, ReleaseStage.Canary), (release.Released, release.Stage));
        release = release.Advanced();
        Assert.Equal(new ModelRelease(3, 2, 0, ReleaseStage.None, false, 0), release);
        Assert.Throws<InvalidOperationException>(() => release.Advanced());
    }

    [Fact]
    public void Rollback_takes_the_candidate_back_first_then_the_released_version_and_holds()
    {
        var trial = new ModelRelease(3, 2, 4, ReleaseStage.Canary, false, 0);
        var back = trial.RolledBack();
        Assert.Equal(new ModelRelease(3, 2, 0, ReleaseStage.None, true, 4), back);
        Assert.Equal(new ModelRelease(2, 0, 0, ReleaseStage.None, true, 4), back.RolledBack());
        Assert.Throws<InvalidOperationException>(() => back.RolledBack().RolledBack());
        Assert.Equal(back, back.Committed(5, isReleasedTrained: true)); // held
        Assert.Equal(0, back.Unpinned().Committed(4, isReleasedTrained: true).Candidate); // what was taken back does not come back by itself
        Assert.Equal(5, back.Unpinned().Committed(5, isReleasedTrained: true).Candidate);
        Assert.Equal(4, back.Try(4).Candidate); // by hand it does
    }

    [Fact]
    public void Pinned_version_stays_whatever_is_committed()
    {
        var pinned = new ModelRelease(3, 2, 4, ReleaseStage.Shadow, false, 0).Pinned(1);
        Assert.Equal(new ModelRelease(1, 3, 0, ReleaseStage.None, true, 0), pinned);
        Assert.Equal(pinned, pinned.Committed(9, isReleasedTrained: true));
        Assert.Equal(3, pinned.Pinned(1).Before);
    }

    [Fact]
    public void No_sequence_releases_a_trained_version_that_was_not_a_candidate_except_by_pin_or_rollback()
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            var (rng, release, newest, tried) = (new Rng(seed), ModelRelease.Nothing.Committed(1, false).Committed(2, false), 2, new HashSet<int> { 2 });
            for (var step = 0; step < 60; step++)
            {
                var before = release;
                var action = rng.NextInt(7);
                release = action switch
                {
                    0 or 1 => release.Committed(++newest, true),
                    2 or 3 when release.Stage != ReleaseStage.None => release.Advanced(),
                    4 when release.Stage != ReleaseStage.None => release.Rejected(),
                    5 when release.Stage != ReleaseStage.None || release.Before > 0 => release.RolledBack(),
                    6 => release.Unpinned(),
                    _ => release,
                };
                if (release.Stage == ReleaseStage.Canary) tried.Add(release.Candidate);
                if (release.Released != before.Released) Assert.True(action == 5 || tried.Contains(release.Released), $"seed {seed}, step {step}: {before} became {release}");
                Assert.True(release.Candidate == 0 == (release.Stage == ReleaseStage.None), $"seed {seed}: {release}");
                Assert.False(release.IsHeld && release.Stage != ReleaseStage.None, $"seed {seed}: {release}");
            }
        }
    }

    [Theory]
    [InlineData(99, 0, 500, 0, Verdict.Waits, "99 of 100 windows")]
    [InlineData(500, 0, 10, 0, Verdict.Waits, "10 of 100 windows")]
    [InlineData(400, 12, 400, 10, Verdict.Passes, "3.0%")]
    [InlineData(500, 3, 500, 0, Verdict.Passes, "0.6%")] // three of none is chance
    [InlineData(400, 70, 400, 0, Verdict.Passes, "17.5%")] // a version that never alarms has no say in how often is too often
    [InlineData(400, 100, 400, 0, Verdict.Fails, "more than 20%")]
    [InlineData(400, 100, 400, 10, Verdict.Fails, "too many alarms: alarms at 25.0%")]
    [InlineData(400, 0, 400, 60, Verdict.Fails, "too few alarms")]
    public void Alarms_decide_beyond_chance_where_no_windows_are_held_out(long windows, long alarms, long releasedWindows, long releasedAlarms, Verdict verdict, string reason)
    {
        var decided = ReleaseGate.Decide(new ReleasePolicy(), new TrialCounts(windows, alarms, releasedWindows, releasedAlarms), null);
        Assert.Equal(verdict, decided.Verdict);
        Assert.Contains(reason, Plain(decided.Reason));
    }

    /// <summary>Classes 0 and 1 are daily life, 2 is an incident; 100 windows of each.</summary>
    [Fact]
    public void Held_out_windows_decide_by_accuracy_then_by_recall_and_false_alarms_of_incidents()
    {
        var released = Answers([80, 15, 5], [15, 80, 5], [10, 10, 80]);
        Assert.Equal((Verdict.Fails, true), Decided(released, Answers([75, 20, 5], [20, 75, 5], [10, 10, 80]), "less accurate"));
        Assert.Equal((Verdict.Fails, true), Decided(released, Answers([98, 0, 2], [0, 98, 2], [27, 25, 48]), "recall of class 2 falls from 80.0% to 48.0%"));
        Assert.Equal((Verdict.Fails, true), Decided(released, Answers([76, 2, 22], [2, 76, 22], [0, 5, 95]), "false alarms of class 2 rise from 5.0% to 22.0%"));
        Assert.Equal((Verdict.Passes, true), Decided(released, Answers([81, 14, 5], [14, 81, 5], [10, 10, 80]), "held-out accuracy 80.7%, released version 80.0%"));
    }

    [Fact]
    public void Clear_gain_in_accuracy_overrides_the_rates()
    {
        var blind = Answers([90, 10, 0], [10, 90, 0], [60, 40, 0]);
        var better = Answers([80, 10, 10], [10, 80, 10], [10, 5, 85]);
        Assert.Equal((Verdict.Passes, true), Decided(blind, better, "clearly more accurate", alarms: 60, releasedAlarms: 10));
        var equal = Answers([85, 10, 5], [10, 85, 5], [60, 30, 10]);
        Assert.Equal((Verdict.Passes, true), Decided(blind, equal, "never alarms", alarms: 60, releasedAlarms: 10)); // it cannot veto what alarms at all
        Assert.Equal((Verdict.Fails, true), Decided(better, better, "too many alarms", alarms: 60, releasedAlarms: 10));
    }

    [Fact]
    public void First_trained_version_must_beat_the_majority_class()
    {
        var untrained = ModelRelease.Nothing.Committed(1, isReleasedTrained: false);
        var refused = untrained.Committed(2, isReleasedTrained: false, beatsMajority: false).Committed(3, isReleasedTrained: false, beatsMajority: false);
        Assert.Equal((1, 3, 2), (refused.Released, refused.Withdrawn, refused.Rejections));
        var accepted = refused.Committed(4, isReleasedTrained: false, beatsMajority: true);
        Assert.Equal((4, 0), (accepted.Released, accepted.Rejections));
    }

    [Fact]
    public void Rejections_are_counted_until_a_version_is_released()
    {
        var release = new ModelRelease(2, 1, 0, ReleaseStage.None, false, 0).Committed(3, true).Rejected().Committed(4, true).Rejected();
        Assert.Equal(2, release.Rejections);
        Assert.Equal(2, release.Committed(5, true).RolledBack().Rejections); // by hand is no verdict of the gate
        Assert.Equal(0, release.Committed(5, true).Advanced().Advanced().Rejections);
    }

    [Fact]
    public void Clearly_better_version_takes_the_place_of_the_candidate()
    {
        var trial = new ModelRelease(2, 1, 3, ReleaseStage.Canary, false, 0);
        Assert.Equal((5, ReleaseStage.Shadow), (trial.Superseded(5).Candidate, trial.Superseded(5).Stage));
        Assert.Throws<InvalidOperationException>(() => trial.Superseded(3));
        Assert.Throws<InvalidOperationException>(() => trial.Rejected().Superseded(5));
    }

    [Fact]
    public void Policy_refuses_what_is_out_of_range_by_name()
    {
        Assert.Contains("canary share must be", Assert.Throws<ArgumentException>(() => new ReleasePolicy { CanaryShare = 0.9 }.Validate()).Message);
        Assert.Contains("clear gain must be", Assert.Throws<ArgumentException>(() => new ReleasePolicy { ClearGainMin = -1 }.Validate()).Message);
    }

    private static (Verdict, bool) Decided(Classification released, Classification candidate, string reason, long alarms = 10, long releasedAlarms = 10)
    {
        var (verdict, said) = ReleaseGate.Decide(new ReleasePolicy(), new TrialCounts(200, alarms, 200, releasedAlarms), new HoldoutComparison(released, candidate, [2]));
        return (verdict, Plain(said).Contains(reason, StringComparison.Ordinal) ? true : throw new InvalidOperationException(said));
    }

    private static Classification Answers(params long[][] counts) => Classification.FromCounts(counts.Length, [.. counts.SelectMany(row => row)]);

    private static string Plain(string reason) => reason.Replace(" %", "%", StringComparison.Ordinal);
}
