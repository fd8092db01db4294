namespace CitySafeSense.Grains;

/// <summary>A write that fails leaves memory ahead of storage; the activation then goes, and the next one starts from what is stored.</summary>
internal static class StateWrites
{
    /// <param name="leave">The grain's DeactivateOnIdle.</param>
    public static async Task WriteOrLeave<T>(this IPersistentState<T> state, Action leave)
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            leave();
            throw;
        }
    }
}
