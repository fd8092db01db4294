namespace CitySafeSense.Privacy;

/// <summary>Where secrets come from: the operating system's cryptographic source where people are real, a seed in tests.</summary>
public interface IRandomBytes
{
    void Fill(Span<byte> bytes);
}
