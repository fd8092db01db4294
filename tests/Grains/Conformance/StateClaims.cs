using Orleans.Storage;

namespace CitySafeSense.Tests.Conformance;

/// <summary>State outlives activations, and nobody overwrites what he has not read.</summary>
public static class StateClaims
{
    public static async Task State_outlives_activation_and_runtime(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("kept");
        await grain.Set(42);
        await grain.Leave();
        Assert.Equal(42, await grain.Get());
        await stage.Restart();
        grain = stage.Grains.GetGrain<IScriptedGrain>("kept");
        Assert.Equal(42, await grain.Get());
        await grain.Clear();
        Assert.Equal(0, await grain.Get());
        await grain.Set(7);
        await grain.Leave();
        Assert.Equal(7, await grain.Get());
    }

    public static async Task Lost_race_is_an_error_and_the_next_call_reads_afresh(IStage stage)
    {
        var grain = stage.Grains.GetGrain<IScriptedGrain>("raced");
        await grain.Set(1);
        var rival = new Record();
        await stage.Storage.ReadStateAsync("scripted", grain.GetGrainId(), rival);
        rival.State!.Value = 2;
        await stage.Storage.WriteStateAsync("scripted", grain.GetGrainId(), rival);
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Set(3));
        Assert.Equal(2, await grain.Get());
        await grain.Set(4);
        await Assert.ThrowsAsync<InconsistentStateException>(() => stage.Storage.WriteStateAsync("scripted", grain.GetGrainId(), rival));
        Assert.Equal(4, await grain.Get());
    }

    private sealed class Record : IGrainState<ScriptedState>
    {
        public ScriptedState? State { get; set; }
        public string? ETag { get; set; }
        public bool RecordExists { get; set; }
    }
}
