using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CitySafeSense.Mqtt;

/// <summary>Whom a client trusts, and what it shows. Read once; any number of connections share it.</summary>
public sealed class MqttTls
{
    private readonly X509Certificate2Collection? authorities;
    private readonly X509Certificate2? own;

    private MqttTls(X509Certificate2Collection? authorities, X509Certificate2? own) => (this.authorities, this.own) = (authorities, own);

    /// <param name="authorityFile">PEM; only what these certificates signed is trusted. Those of the system where left out.</param>
    /// <param name="certificateFile">PEM with this client's certificate and key, where the broker asks for one.</param>
    /// <exception cref="MqttException">A file is not what it should be.</exception>
    public static MqttTls FromFiles(string? authorityFile = null, string? certificateFile = null)
    {
        X509Certificate2Collection? authorities = null;
        if (authorityFile is not null)
        {
            authorities = [];
            Read(authorityFile, "CA certificates in PEM", () => authorities.ImportFromPemFile(authorityFile));
            if (authorities.Count == 0) throw new MqttException($"{authorityFile}: holds no CA certificate in PEM");
        }
        X509Certificate2? own = null;
        if (certificateFile is not null) Read(certificateFile, "a certificate with its key in PEM", () => own = X509Certificate2.CreateFromPemFile(certificateFile));
        return new MqttTls(authorities, own);
    }

    /// <param name="pem">Certificates in PEM; only what they signed is trusted.</param>
    /// <exception cref="MqttException">It holds none.</exception>
    public static MqttTls FromAuthority(string pem)
    {
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPem(pem);
        return authorities.Count > 0 ? new MqttTls(authorities, null) : throw new MqttException("the text holds no CA certificate in PEM");
    }

    internal SslClientAuthenticationOptions For(string host)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host, CertificateRevocationCheckMode = X509RevocationMode.NoCheck };
        if (own is not null) options.ClientCertificates = [own];
        if (authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }
        return options;
    }

    private static void Read(string file, string what, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new MqttException($"{file}: {what} cannot be read from it ({e.Message})", e);
        }
    }
}
