using System.Text.Json;
using CitySafeSense.Contracts;
using CitySafeSense.Grains;

namespace CitySafeSense.Tests.Storage;

/// <summary>States as earlier releases have stored them are still read.</summary>
public class StateFixtureTests
{
    [Fact]
    public void Versions_of_a_model_from_before_rounds_were_settled()
    {
        var state = JsonSerializer.Deserialize<ModelState>("""
            {"Version":1,"Next":3,"Versions":[{"Population":"default","Version":2,"Hash":"ab","Round":1,"Strategy":"fedavg","Clients":20,"Committed":"2026-03-02T12:00:00+00:00",
             "Spec":{"Kind":"tcn","Channels":14,"Samples":100,"Classes":7,"Centre":[0,1],"Scale":[1,2]}}]}
            """)!;
        var version = state.Versions.Single();
        Assert.Equal((0, 3, 20), (state.SettledRound, state.Next, version.Clients));
        Assert.Equal((null, null, null), (version.MeanLoss, version.ServerMemory, version.Epsilon));
        Assert.Equal((1, "", LearningInput.Windows), (version.Spec.Height, version.Spec.Settings, version.Spec.Input));
        Assert.Equal([1f, 2f], version.Spec.Scale.AsEnumerable());
    }

    [Fact]
    public void Rounds_from_before_they_could_be_private()
    {
        var state = JsonSerializer.Deserialize<RoundsState>("""
            {"Version":1,"Recent":[{"Round":1,"Phase":"Committed","Strategy":"fedavg","BaseModel":"aa","Outcome":"ab","Invited":26,"Reported":20,"Clipped":0,"MeanLoss":0.5,
             "Started":"2026-03-02T12:00:00+00:00","Ended":"2026-03-02T12:01:00+00:00"}]}
            """)!;
        Assert.Equal((20, 0L, null), (state.Recent.Single().Reported, state.Recent.Single().UpdateBytes, state.Recent.Single().Epsilon));
        Assert.Empty(state.Spent);
        Assert.Null(state.ClipNorm);
    }

    [Fact]
    public void Devices_from_before_they_could_train_by_themselves()
    {
        var state = JsonSerializer.Deserialize<DeviceState>("""{"Version":1,"LastRound":7,"GlobalModel":"aa","PersonalModel":"ab","PersonalRound":6}""")!;
        Assert.Equal((7, "aa", "ab", 6, false), (state.LastRound, state.GlobalModel, state.PersonalModel, state.PersonalRound, state.TrainsItself));
    }
}
