namespace CitySafeSense.Tests.Conformance;

/// <summary>Its calls interleave at every await.</summary>
[Alias("test.IReentrantGrain")]
public interface IReentrantGrain : IGrainWithGuidKey
{
    [Alias("Meet")]
    Task<int> Meet(int expected, string gate);

    /// <summary>Calls a grain that calls back.</summary>
    [Alias("Ring")]
    Task<int> Ring(int depth);
}

[Reentrant]
public sealed class ReentrantGrain(Witness witness) : Grain, IReentrantGrain
{
    private int inside;

    public async Task<int> Meet(int expected, string gate)
    {
        if (++inside == expected) witness.Open(gate);
        await witness.Gate(gate);
        return inside;
    }

    public async Task<int> Ring(int depth) => depth == 0 ? 0 : 1 + await GrainFactory.GetGrain<IReentrantGrain>(this.GetPrimaryKey()).Ring(depth - 1);
}

/// <summary>Shared among two activations.</summary>
[Alias("test.IWorkerGrain")]
public interface IWorkerGrain : IGrainWithIntegerKey
{
    [Alias("Work")]
    Task<int> Work(string gate);
}

[StatelessWorker(2)]
public sealed class WorkerGrain(Witness witness) : Grain, IWorkerGrain
{
    private readonly int activation = witness.Next();

    public async Task<int> Work(string gate)
    {
        witness.Happened.Enqueue($"works {gate}");
        await witness.Gate(gate);
        return activation;
    }
}

/// <summary>Known by a number.</summary>
[Alias("test.INumberedGrain")]
public interface INumberedGrain : IGrainWithIntegerKey
{
    [Alias("Key")]
    Task<long> Key();
}

public sealed class NumberedGrain : Grain, INumberedGrain
{
    public Task<long> Key() => Task.FromResult(this.GetPrimaryKeyLong());
}

/// <summary>Woken by reminders.</summary>
[Alias("test.IRemindedGrain")]
public interface IRemindedGrain : IGrainWithStringKey
{
    [Alias("Remind")]
    Task Remind(string name, TimeSpan due, TimeSpan period);

    [Alias("Stop")]
    Task Stop(string name);

    [Alias("Names")]
    Task<string[]> Names();
}

public sealed class RemindedGrain(Witness witness) : Grain, IRemindedGrain, IRemindable
{
    public Task Remind(string name, TimeSpan due, TimeSpan period) => this.RegisterOrUpdateReminder(name, due, period);

    public async Task Stop(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public async Task<string[]> Names() => [.. (await this.GetReminders()).Select(r => r.ReminderName).Order(StringComparer.Ordinal)];

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        witness.Happened.Enqueue($"reminded {this.GetPrimaryKeyString()}/{reminderName}");
        return Task.CompletedTask;
    }
}

/// <summary>Sees its own calls first.</summary>
[Alias("test.IFilteredGrain")]
public interface IFilteredGrain : IGrainWithStringKey
{
    [Alias("Double")]
    Task<int> Double(int value);
}

public sealed class FilteredGrain : Grain, IFilteredGrain, IIncomingGrainCallFilter
{
    public Task<int> Double(int value) => Task.FromResult(2 * value);

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        await context.Invoke();
        if (context.MethodName == nameof(IFilteredGrain.Double) && context.InterfaceMethod.Name == context.MethodName) context.Result = (int)context.Result! + 1;
    }
}

/// <summary>Registered as services: note calls of the filtered grain, in and out.</summary>
public sealed class NotingFilter(Witness witness) : IIncomingGrainCallFilter, IOutgoingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.MethodName == nameof(IFilteredGrain.Double)) witness.Happened.Enqueue($"in: {context.TargetId.Key}");
        await context.Invoke();
    }

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        await context.Invoke();
        if (context.MethodName == nameof(IFilteredGrain.Double)) witness.Happened.Enqueue($"out: {context.Result}");
    }
}
