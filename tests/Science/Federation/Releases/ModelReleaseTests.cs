using CitySafeSense.Federation;
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
                    4 when release.Stage != ReleaseStage.None => release.TakenBack(),
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
    [InlineData(199, 0, 500, 0, Verdict.Waits, "199 of 200 windows")]
    [InlineData(500, 0, 10, 0, Verdict.Waits, "10 of 200 windows")]
    [InlineData(400, 12, 400, 10, Verdict.Passes, "3.0%")]
    [InlineData(500, 3, 500, 0, Verdict.Passes, "0.6%")] // three of none is chance
    [InlineData(400, 100, 400, 10, Verdict.Fails, "it alarms at 25.0%")]
    [InlineData(400, 0, 400, 60, Verdict.Fails, "it falls silent")]
    public void Alarms_decide_beyond_chance_once_enough_is_seen(long windows, long alarms, long releasedWindows, long releasedAlarms, Verdict verdict, string reason)
    {
        var said = ReleaseGate.Judge(new ReleasePolicy(), new TrialCounts(windows, alarms, releasedWindows, releasedAlarms), null);
        Assert.Equal(verdict, said.Verdict);
        Assert.Contains(reason, said.Reason.Replace(" %", "%", StringComparison.Ordinal));
    }

    [Fact]
    public void Accuracy_on_held_out_windows_decides_before_anybody_hears_the_candidate()
    {
        Assert.Equal(Verdict.Fails, ReleaseGate.Judge(new ReleasePolicy(), default, new HeldOutAccuracy(0.8, 0.77)).Verdict);
        Assert.Equal(Verdict.Waits, ReleaseGate.Judge(new ReleasePolicy(), default, new HeldOutAccuracy(0.8, 0.79)).Verdict);
        Assert.Contains("canary share must be", Assert.Throws<ArgumentException>(() => new ReleasePolicy { CanaryShare = 0.9 }.Validate()).Message);
    }
}
