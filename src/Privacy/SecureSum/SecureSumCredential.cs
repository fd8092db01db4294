using System.Security.Cryptography;
using System.Text;

namespace CitySafeSense.Privacy;

/// <summary>What a participant signs with: an ECDSA key on P-256, whose public half the registry knows.</summary>
public sealed class SecureSumCredential
{
    private readonly byte[] privateKey;

    private SecureSumCredential(byte[] privateKey, byte[] publicKey) => (this.privateKey, PublicKey) = (privateKey, publicKey);

    /// <summary>SubjectPublicKeyInfo.</summary>
    public byte[] PublicKey { get; }

    public static SecureSumCredential Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new(key.ExportPkcs8PrivateKey(), key.ExportSubjectPublicKeyInfo());
    }

    internal byte[] Sign(string purpose, SecureSumPlan plan, params byte[][] parts)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(privateKey, out _);
        return key.SignData(Message(purpose, plan, parts), HashAlgorithmName.SHA256);
    }

    internal static bool Verifies(byte[] publicKey, byte[] signature, string purpose, SecureSumPlan plan, params byte[][] parts)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(publicKey, out _);
            return key.VerifyData(Message(purpose, plan, parts), signature, HashAlgorithmName.SHA256);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Every part with its length before it, so that no two messages are the same bytes.</summary>
    private static byte[] Message(string purpose, SecureSumPlan plan, byte[][] parts)
    {
        using var stream = new MemoryStream();
        foreach (var part in new[] { Encoding.UTF8.GetBytes(purpose), Encoding.UTF8.GetBytes(plan.ToString()) }.Concat(parts))
        {
            stream.Write(BitConverter.GetBytes(part.Length));
            stream.Write(part);
        }
        return stream.ToArray();
    }
}
