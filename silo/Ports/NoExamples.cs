using CitySafeSense.Contracts.Ports;
using CitySafeSense.Learning;

namespace CitySafeSense.Silo.Ports;

/// <summary>Devices of a silo learn from their windows, and nobody is judged on examples of theirs.</summary>
public sealed class NoExamples : IExampleSource
{
    public Examples Training(string client) => throw new KeyNotFoundException($"no examples are given for {client}");

    public Examples HeldOut(string client) => throw new KeyNotFoundException($"no examples are held out for {client}");
}
