namespace CitySafeSense.Silo;

/// <summary>Windows are taken once what was acknowledged before the last stop is in its cells: it must not arrive behind the bins that new windows close.</summary>
public sealed class Readiness
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => reached.Task;

    public void Reach() => reached.TrySetResult();
}
