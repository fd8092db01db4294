namespace CitySafeSense.Contracts.Ports;

/// <summary>Where long arithmetic runs, so that no grain's turn is held up by it.</summary>
public interface IComputePool
{
    Task<T> Run<T>(Func<T> work);
}
