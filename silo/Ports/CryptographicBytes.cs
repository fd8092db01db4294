using System.Security.Cryptography;
using CitySafeSense.Privacy;

namespace CitySafeSense.Silo.Ports;

/// <summary>Secrets and noise from the operating system's cryptographic source.</summary>
public sealed class CryptographicBytes : IRandomBytes
{
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
