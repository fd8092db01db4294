using System.Globalization;
using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.Science.Federation;

/// <summary>The versions of a federated training as a demo makes them, from the first round on, under the gate.</summary>
public class ReleaseReplayTests
{
    private const int Clients = 30, WindowsOfEach = 48, Rounds = 73, HeldOutPeople = 20, TicksPerRound = 8, WindowsPerTick = 34;
    private static readonly Lazy<List<Classification>> versions = new(Versions);
    private static readonly int[] incidents = [(int)ActivityClass.ForcedMovement, (int)ActivityClass.Mugging];

    [Fact]
    public void A_version_as_good_as_the_best_answers_within_three_rounds_of_it()
    {
        var (versions, policy) = (ReleaseReplayTests.versions.Value, new ReleasePolicy());
        var answering = Replay(versions, policy, ModelRelease.Nothing.Committed(1, isReleasedTrained: false));
        var best = Enumerable.Range(0, Rounds - 3).MaxBy(round => versions[round].Accuracy);
        Assert.True(versions[best].Accuracy > versions[best].MajorityAccuracy + 0.2, $"the replay shows nothing: the best version has {versions[best].Accuracy:P1}");
        for (var round = 0; round + 3 < Rounds; round++)
        {
            var soFar = versions.Take(round + 1).Max(v => v.Accuracy);
            var needed = soFar > versions[0].MajorityAccuracy ? soFar - policy.ClearGainMin - 0.01 : 0;
            Assert.True(answering[round + 3] >= needed, $"round {round + 4}: {answering[round + 3]:P1} answers, {soFar:P1} was committed by round {round + 1}");
        }
        Assert.True(answering[best + 3] >= versions[best].Accuracy - policy.AccuracyLossMax, $"{answering[best + 3]:P1} answers three rounds after {versions[best].Accuracy:P1}");
    }

    /// <summary>A version that answers one class whatever the window: the gate before this one rejected 69 of 72 better ones, since each alarms more often than never.</summary>
    [Fact]
    public void A_released_version_that_never_alarms_is_replaced_within_three_rounds()
    {
        var later = versions.Value.Skip(Rounds / 2).ToArray();
        var silent = new Classification(ActivityClasses.Count);
        for (var truth = 0; truth < ActivityClasses.Count; truth++)
            for (var n = 0; n < later[0].Truths(truth); n++) silent.Add(truth, (int)ActivityClass.Walking);
        var stuck = ModelRelease.Nothing.Committed(1, isReleasedTrained: false).Committed(2, isReleasedTrained: false);
        var answering = Replay([silent, .. later], new ReleasePolicy(), stuck);
        Assert.True(answering[3] >= later[0].Accuracy - 0.01, $"{answering[3]:P1} answers three rounds after {later[0].Accuracy:P1} was committed");
    }

    /// <summary>Accuracy on held-out windows of the version that answers at the end of each round.</summary>
    private static double[] Replay(IReadOnlyList<Classification> versions, ReleasePolicy policy, ModelRelease start)
    {
        var (release, ticks, answering) = (start, 0, new double[versions.Count]);
        Classification Of(int version) => versions[version - 2]; // version 1 is untrained
        HoldoutComparison Compared(int released, int candidate) => new(Of(released), Of(candidate), incidents);
        for (var round = 0; round < versions.Count; round++)
        {
            var newest = round + 2;
            if (release.Stage != ReleaseStage.None && Compared(release.Candidate, newest).IsClearGain(policy.ClearGainMin)) (release, ticks) = (release.Superseded(newest), 0);
            for (var tick = 0; tick < TicksPerRound; tick++)
            {
                release = release.Committed(newest, release.Released > 1, Of(newest).Accuracy > Of(newest).MajorityAccuracy);
                if (release.Stage == ReleaseStage.None) continue;
                var seen = Trial(Of(release.Candidate), Of(release.Released), ++ticks, release.Stage == ReleaseStage.Shadow ? 1 : policy.CanaryShare);
                var (verdict, _) = ReleaseGate.Decide(policy, seen, Compared(release.Released, release.Candidate));
                if (verdict == Verdict.Waits) continue;
                (release, ticks) = (verdict == Verdict.Passes ? release.Advanced() : release.Rejected(), 0);
            }
            answering[round] = release.Released > 1 ? Of(release.Released).Accuracy : 0;
        }
        return answering;
    }

    /// <summary>What devices have seen of both after some ticks of a stage.</summary>
    private static TrialCounts Trial(Classification candidate, Classification released, int ticks, double share)
    {
        double Alarms(Classification c) => incidents.Sum(c.Predictions) / (double)c.Total;
        var (windows, releasedWindows) = (ticks * WindowsPerTick * share, ticks * WindowsPerTick * (share < 1 ? 1 - share : 1));
        return new((long)windows, (long)Math.Round(windows * Alarms(candidate)), (long)releasedWindows, (long)Math.Round(releasedWindows * Alarms(released)));
    }

    private static List<Classification> Versions()
    {
        var people = Enumerable.Range(0, Clients).Select(p => SyntheticPeople.Draw(1, p, WindowsOfEach)).ToArray();
        var heldOut = Enumerable.Range(0, HeldOutPeople).SelectMany(p => SyntheticPeople.Draw(99, p, 20)).ToArray();
        var scaling = ChannelScaling.Fit(WindowSchema.Default, people.SelectMany(p => p).Select(w => w.Window));
        var schema = WindowSchema.Default;
        var model = ModelCatalogue.Named("tcn").Build(new ModelRequest(new Shape(schema.NetworkChannels, 1, schema.Samples), ActivityClasses.Count, ModelRequest.ParseSettings("width=16 dilations=1+2+4+8")));
        var (workspace, global, versions) = (model.CreateWorkspace(), model.Initialise(1), new List<Classification>());
        Examples[] examples = [.. people.Select(p => Inputs(p, scaling))];
        var test = Inputs(heldOut, scaling);
        var training = new LocalTrainingOptions { Epochs = 3 };
        for (var round = 1; round <= Rounds; round++)
        {
            var sum = new MeanAggregation(global.Length, normMax: 50);
            for (var c = 0; c < Clients; c++)
            {
                var name = c.ToString(CultureInfo.InvariantCulture);
                var result = ClientStep.Run(model, new ReceivedModel(global), null, examples[c], new ClientInstructions { Strategy = "fedavg", Round = round, Seed = 1, Training = training }, name, workspace);
                sum.Add(name, result.Delta!, result.Samples);
            }
            (global, _) = new MeanServerOptimiser().Step(global, sum.Finish(), ServerMemory.None, 0, 1);
            versions.Add(Evaluation.Of(model, global, test, workspace).Classification);
        }
        return versions;
    }

    private static Examples Inputs(IReadOnlyList<LabelledWindow> windows, ChannelScaling scaling)
    {
        var length = WindowSchema.Default.NetworkChannels * WindowSchema.Default.Samples;
        var inputs = new float[windows.Count * length];
        for (var i = 0; i < windows.Count; i++) NetworkInput.Write(windows[i].Window, scaling, inputs.AsSpan(i * length, length));
        return new Examples(inputs, [.. windows.Select(w => (int)w.Label)], length);
    }
}
