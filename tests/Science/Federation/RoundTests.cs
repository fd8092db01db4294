using CitySafeSense.Federation;
using FsCheck;
using FsCheck.Fluent;

namespace CitySafeSense.Science.Federation;

public class RoundTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Ten = [.. Enumerable.Range(0, 10).Select(i => $"d{i}")];

    [Fact]
    public void Round_commits_when_the_goal_has_reported()
    {
        var round = Reporting(goal: 2, out var invited);
        var (next, effects) = round.Apply(new RoundCommand.Report(invited[0]), Noon);
        Assert.Equal([new RoundEffect.Accept(invited[0])], effects.AsEnumerable());
        (next, effects) = next.Apply(new RoundCommand.Report(invited[1]), Noon);
        Assert.Equal([new RoundEffect.Accept(invited[1]), new RoundEffect.Aggregate()], effects.AsEnumerable());
        (next, effects) = next.Apply(new RoundCommand.Commit("hash"), Noon);
        Assert.Equal((RoundPhase.Committed, "hash"), (next.Phase, next.Outcome));
        Assert.Equal([new RoundEffect.Close(RoundPhase.Committed)], effects.AsEnumerable());
    }

    [Fact]
    public void More_are_invited_than_needed_and_who_does_not_depend_on_the_order_they_came_in()
    {
        var plan = Plan(5);
        var (a, _) = Round.Open(plan, "m", Noon).Apply(new RoundCommand.Select(Ten), Noon);
        var (b, _) = Round.Open(plan, "m", Noon).Apply(new RoundCommand.Select([.. Ten.Reverse()]), Noon);
        Assert.Equal(7, a.Invited.Length);
        Assert.Equal(a.Invited.AsEnumerable(), b.Invited);
        var (c, _) = Round.Open(plan with { Instructions = plan.Instructions with { Seed = 2 } }, "m", Noon).Apply(new RoundCommand.Select(Ten), Noon);
        Assert.NotEqual(a.Invited.AsEnumerable(), c.Invited);
    }

    [Fact]
    public void Duplicate_late_and_uninvited_reports_change_nothing_and_say_why()
    {
        var round = Reporting(goal: 2, out var invited);
        (round, _) = round.Apply(new RoundCommand.Report(invited[0]), Noon);
        Assert.Equal([new RoundEffect.Ignore(invited[0], "duplicate")], round.Apply(new RoundCommand.Report(invited[0]), Noon).Effects.AsEnumerable());
        Assert.Equal([new RoundEffect.Ignore("stranger", "not invited")], round.Apply(new RoundCommand.Report("stranger"), Noon).Effects.AsEnumerable());
        Assert.Equal([new RoundEffect.Ignore(invited[1], "late")], round.Apply(new RoundCommand.Report(invited[1]), round.Deadline + TimeSpan.FromTicks(1)).Effects.AsEnumerable());
        var (committed, _) = round.Apply(new RoundCommand.Report(invited[1]), Noon).Next.Apply(new RoundCommand.Commit("h"), Noon);
        Assert.Equal([new RoundEffect.Ignore(invited[2], "late")], committed.Apply(new RoundCommand.Report(invited[2]), Noon).Effects.AsEnumerable());
        Assert.Equal(committed, committed.Apply(new RoundCommand.Abandon("too late"), Noon).Next);
    }

    [Fact]
    public void Deadline_aggregates_what_is_enough_and_abandons_what_is_not()
    {
        var enough = Reporting(goal: 4, out var invited);
        for (var i = 0; i < 3; i++) (enough, _) = enough.Apply(new RoundCommand.Report(invited[i]), Noon);
        Assert.Empty(enough.Apply(new RoundCommand.DeadlinePassed(), Noon).Effects); // not yet
        Assert.Equal([new RoundEffect.Aggregate()], enough.Apply(new RoundCommand.DeadlinePassed(), enough.Deadline).Effects.AsEnumerable());
        var few = Reporting(goal: 4, out _);
        Assert.Equal(RoundPhase.Abandoned, few.Apply(new RoundCommand.DeadlinePassed(), few.Deadline).Next.Phase);
    }

    [Fact]
    public void Those_who_sum_together_count_all_or_not_at_all_and_the_last_shard_ends_the_waiting()
    {
        var all = Enumerable.Range(0, 40).Select(i => $"d{i:D2}").ToArray();
        var plan = Plan(40) with { OverSelection = 1, MinimumFraction = 0.5, SecureSum = new SecureSumRule() };
        var round = Round.Open(plan, "m", Noon).Apply(new RoundCommand.Select(all), Noon).Next.Apply(new RoundCommand.InvitationsSent(), Noon).Next;
        Assert.Equal(Noon + 1.5 * plan.Deadline, round.Deadline); // the steps of the sum come after the deadline for updates
        var (next, effects) = round.Apply(new RoundCommand.ReportTogether([.. all[..15]], IsLast: false), Noon);
        Assert.Equal((15, 15), (next.Reported.Count, effects.Length));
        Assert.Equal([new RoundEffect.Ignore("d03", "duplicate")], next.Apply(new RoundCommand.ReportTogether(["d20", "d03"], IsLast: false), Noon).Effects.AsEnumerable());
        Assert.Equal([new RoundEffect.Ignore("x", "not invited")], next.Apply(new RoundCommand.ReportTogether(["d20", "x"], IsLast: true), Noon).Effects.AsEnumerable());
        var (aggregating, last) = next.Apply(new RoundCommand.ReportTogether([.. all[20..25]], IsLast: true), Noon);
        Assert.Equal((RoundPhase.Aggregating, 20, new RoundEffect.Aggregate()), (aggregating.Phase, aggregating.Reported.Count, last[^1]));
        Assert.Equal(RoundPhase.Abandoned, next.Apply(new RoundCommand.ReportTogether([], IsLast: true), Noon).Next.Phase);
        var few = Round.Open(plan, "m", Noon).Apply(new RoundCommand.Select(all[..25]), Noon).Next;
        Assert.Equal((RoundPhase.Abandoned, "25 clients are invited; a secure sum hides each among at least 32"), (few.Phase, few.Outcome));
        Assert.Contains("at least 32 clients", Assert.Throws<ArgumentException>(() => Round.Open(plan with { Goal = 10 }, "m", Noon)).Message);
    }

    [Fact]
    public void Who_declines_is_not_waited_for()
    {
        var all = Enumerable.Range(0, 4).Select(i => $"d{i}").ToArray();
        var round = Round.Open(Plan(4) with { OverSelection = 1, MinimumFraction = 0.5 }, "m", Noon).Apply(new RoundCommand.Select(all), Noon).Next.Apply(new RoundCommand.InvitationsSent(), Noon).Next;
        var two = round.Apply(new RoundCommand.Report("d0", 1), Noon).Next.Apply(new RoundCommand.Report("d1", 1), Noon).Next;
        var (three, waiting) = two.Apply(new RoundCommand.Decline("d2", "it diverged"), Noon);
        Assert.Equal((RoundPhase.Reporting, 0), (three.Phase, waiting.Length));
        // The last answer ends it, whichever it is; half of the goal is enough.
        Assert.Equal(RoundPhase.Aggregating, three.Apply(new RoundCommand.Decline("d3", "nothing to learn from"), Noon).Next.Phase);
        Assert.Equal([new RoundEffect.Accept("d3"), new RoundEffect.Aggregate()], three.Apply(new RoundCommand.Report("d3", 1), Noon).Effects.AsEnumerable());
        // Too few are left: abandoned at once, with the reason.
        var none = all.Aggregate(round, (r, who) => r.Apply(new RoundCommand.Decline(who, $"{who} diverged"), Noon).Next);
        Assert.Equal((RoundPhase.Abandoned, "0 of at least 2 reports and nobody else can; 4 clients declined: d0: d0 diverged"), (none.Phase, none.Outcome));
        // Only once, only who was invited, and nothing after it.
        Assert.Equal([new RoundEffect.Ignore("d2", "declined")], three.Apply(new RoundCommand.Report("d2", 1), Noon).Effects.AsEnumerable());
        Assert.Equal([new RoundEffect.Ignore("x", "not invited")], three.Apply(new RoundCommand.Decline("x", "?"), Noon).Effects.AsEnumerable());
        Assert.Equal([new RoundEffect.Ignore("d0", "duplicate")], three.Apply(new RoundCommand.Decline("d0", "?"), Noon).Effects.AsEnumerable());
        // Before all invitations are out nobody ends it.
        var early = Round.Open(Plan(1) with { OverSelection = 1 }, "m", Noon).Apply(new RoundCommand.Select(["d0"]), Noon).Next.Apply(new RoundCommand.Decline("d0", "?"), Noon).Next;
        Assert.Equal((RoundPhase.Configured, RoundPhase.Abandoned), (early.Phase, early.Apply(new RoundCommand.InvitationsSent(), Noon).Next.Phase));
    }

    [Fact]
    public void Buffered_round_takes_reports_of_earlier_ones_once_and_keeps_so_many_at_work()
    {
        var plan = Plan(3) with { OverSelection = 3, Instructions = new ClientInstructions { Strategy = "fedbuff", Round = 1, Seed = 1 } };
        var (first, effects) = Round.Open(plan, "m", Noon).Apply(new RoundCommand.Select(Ten), Noon);
        string[] invited = [.. effects.OfType<RoundEffect.Invite>().Single().Participants];
        Assert.Equal(9, invited.Length);
        (first, _) = first.Apply(new RoundCommand.InvitationsSent(), Noon);
        for (var i = 0; i < 3; i++) (first, effects) = first.Apply(new RoundCommand.Report(invited[i], 1), Noon);
        Assert.Equal(new RoundEffect.Aggregate(), effects[^1]);

        var second = Round.Open(plan with { Instructions = plan.Instructions with { Round = 2 } }, "m2", Noon, first);
        Assert.Equal(invited[3..].Order(), second.Outstanding.Keys.Order());
        (second, effects) = second.Apply(new RoundCommand.Select(Ten), Noon);
        string[] more = [.. effects.OfType<RoundEffect.Invite>().Single().Participants];
        Assert.Equal(3, more.Length); // six are still at work
        Assert.Empty(more.Intersect(invited[3..]));
        (second, _) = second.Apply(new RoundCommand.InvitationsSent(), Noon);
        (second, effects) = second.Apply(new RoundCommand.Report(invited[4], 1), Noon);
        Assert.Equal([new RoundEffect.Accept(invited[4])], effects.AsEnumerable());
        Assert.Equal([new RoundEffect.Ignore(invited[4], "duplicate")], second.Apply(new RoundCommand.Report(invited[4], 1), Noon).Effects.AsEnumerable());
        Assert.Equal([new RoundEffect.Ignore(invited[0], "late")], second.Apply(new RoundCommand.Report(invited[0], 1), Noon).Effects.AsEnumerable()); // it counted already
        Assert.Equal([new RoundEffect.Ignore(invited[5], "not invited")], second.Apply(new RoundCommand.Report(invited[5], 2), Noon).Effects.AsEnumerable());
        Assert.Empty(Round.Open(plan with { Instructions = plan.Instructions with { Round = 22 } }, "m", Noon, first).Outstanding); // nobody is waited for so long
        var plain = Plan(3) with { Instructions = plan.Instructions with { Strategy = "fedavg", Round = 2 } };
        Assert.Empty(Round.Open(plain, "m", Noon, first).Outstanding);
    }

    [Fact]
    public void Too_few_candidates_abandon_the_round_with_the_reason()
    {
        var (round, _) = Round.Open(Plan(20), "m", Noon).Apply(new RoundCommand.Select(Ten), Noon);
        Assert.Equal((RoundPhase.Abandoned, "10 clients can take part, at least 14 are needed"), (round.Phase, round.Outcome));
    }

    [Fact]
    public void No_sequence_of_commands_counts_anybody_twice_or_closes_a_round_twice()
    {
        Prop.ForAll<int[]>(script =>
        {
            var round = Reporting(goal: 5, out var invited);
            var (accepted, closes) = (new List<string>(), 0);
            foreach (var n in script)
            {
                var participant = Ten[Math.Abs(n % 10)];
                RoundCommand command = Math.Abs(n % 7) switch
                {
                    0 => new RoundCommand.Commit("h"),
                    1 => new RoundCommand.DeadlinePassed(),
                    2 => new RoundCommand.Abandon("x"),
                    _ => new RoundCommand.Report(participant),
                };
                var (next, effects) = round.Apply(command, Noon + TimeSpan.FromSeconds(Math.Abs(n % 400)));
                accepted.AddRange(effects.OfType<RoundEffect.Accept>().Select(e => e.Participant));
                closes += effects.OfType<RoundEffect.Close>().Count();
                if (round.IsOver && next != round) return false;
                round = next;
            }
            return accepted.Distinct().Count() == accepted.Count && accepted.All(a => invited.Contains(a)) && closes <= 1;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("strategy", "fedsomething")]
    [InlineData("goal", "goal must be")]
    [InlineData("selection", "over-selection must be 1 to 3")]
    [InlineData("rate", "learning rate must be above 0")]
    [InlineData("krum", "aggregation krum:6 needs 15 reports, and this round would do with 14: raise the goal")]
    public void Plan_that_cannot_run_names_the_setting(string what, string message)
    {
        var plan = Plan(2);
        plan = what switch
        {
            "strategy" => plan with { Instructions = plan.Instructions with { Strategy = "fedsomething" } },
            "goal" => plan with { Goal = 0 },
            "krum" => plan with { Goal = 20, Aggregation = AggregationRule.Parse("krum:6") },
            "selection" => plan with { OverSelection = 9 },
            _ => plan with { Instructions = plan.Instructions with { Training = new LocalTrainingOptions { LearningRate = -1 } } },
        };
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => Round.Open(plan, "m", Noon)).Message);
    }

    private static RoundPlan Plan(int goal) => new() { Goal = goal, Instructions = new ClientInstructions { Strategy = "fedavg", Round = 1, Seed = 1 } };

    private static Round Reporting(int goal, out string[] invited)
    {
        var (round, effects) = Round.Open(Plan(goal), "m", Noon).Apply(new RoundCommand.Select(Ten), Noon);
        invited = [.. effects.OfType<RoundEffect.Invite>().Single().Participants];
        return round.Apply(new RoundCommand.InvitationsSent(), Noon).Next;
    }
}
