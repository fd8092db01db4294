using Orleans.Storage;

namespace CitySafeSense.Silo.Ingress;

/// <summary>Calls that may be made again: when a silo dies, its grains come up on another, and whoever asked asks once more.</summary>
internal static class Repeat
{
    private const int Tries = 3;

    /// <summary>Only for calls whose repetition changes nothing.</summary>
    public static async Task<T> Idempotent<T>(Func<Task<T>> call)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (tries < Tries && IsOfTheCluster(e))
            {
                // somebody else has the grain by now, or will the next time
            }
        }
    }

    /// <summary>The cluster failed, not the grain.</summary>
    public static bool IsOfTheCluster(Exception exception) => exception is TimeoutException or (OrleansException and not InconsistentStateException);
}
