using CitySafeSense.Learning;

namespace CitySafeSense.Contracts.Ports;

/// <summary>The examples of a client: what it learns from, and what was held out to judge it by. Real devices have neither: they learn from their windows and are not judged.</summary>
public interface IExampleSource
{
    /// <exception cref="KeyNotFoundException">Nobody is called so.</exception>
    Examples Training(string client);

    /// <exception cref="KeyNotFoundException">Nobody is called so.</exception>
    Examples HeldOut(string client);
}
