using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Hotspots;

namespace CitySafeSense.Grains;

/// <summary>The city's alarms: `alarms`.</summary>
public sealed class AlarmGrain([PersistentState("alarms", "cells")] IPersistentState<AlarmsState> state, CityOptions city, ICityClock clock) : Grain, IAlarmGrain
{
    private AlarmBook book = new([]);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (state.RecordExists) book = AlarmBook.Decode(state.State.Book);
        else book.Follow(city.Privacy == PrivacyMode.Simulation ? DefaultRules.OfMinutes : DefaultRules.OfNoisyHours);
        return Task.CompletedTask;
    }

    public async Task Judge(long bin, long at, ImmutableArray<Anomaly> anomalies)
    {
        if (book.Judge(bin, at, [.. anomalies.Select(AnomalyMapping.ToScience)])) await Persist();
    }

    public Task<ImmutableArray<AlarmView>> Recent(bool active, int most) =>
        Task.FromResult<ImmutableArray<AlarmView>>([.. book.Alarms.Where(a => !active || a.State != AlarmState.Cleared).Take(most).Select(AnomalyMapping.ToContract)]);

    public async Task<AlarmView> Acknowledge(int number, string by)
    {
        var alarm = book.Acknowledge(number, by, clock.Now.ToUnixTimeSeconds());
        await Persist();
        await Audit("acknowledge-alarm", $"alarm {number} ({alarm.Rule}) by {by}");
        return AnomalyMapping.ToContract(alarm);
    }

    public Task<ImmutableArray<RuleView>> Rules() => Task.FromResult<ImmutableArray<RuleView>>([.. book.Rules.Select(AnomalyMapping.ToContract)]);

    public async Task Follow(ImmutableArray<RuleView> rules, string by)
    {
        book.Follow([.. rules.Select(AnomalyMapping.ToScience)]);
        await Persist();
        await Audit("change-alarm-rules", $"{rules.Length} rules by {by}");
    }

    private Task Audit(string action, string detail) => GrainFactory.GetGrain<IAuditGrain>("audit").Add(action, "", detail);

    private Task Persist()
    {
        state.State.Book = book.Encode();
        return state.WriteOrLeave(DeactivateOnIdle);
    }
}

[GenerateSerializer, Alias("citysafe.AlarmsState")]
public sealed class AlarmsState
{
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>See <see cref="AlarmBook.Encode"/>.</summary>
    [Id(1)] public byte[] Book { get; set; } = [];
}
