using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CitySafeSense.Mqtt.Mosquitto;

/// <summary>A certificate authority for one broker, and the broker's own certificate; made when missing, renewed when names change or the end is near.</summary>
internal sealed class BrokerCertificates(string folder)
{
    private static readonly TimeSpan authorityLife = TimeSpan.FromDays(3650), serverLife = TimeSpan.FromDays(397), renewBefore = TimeSpan.FromDays(30);

    /// <summary>What devices are given.</summary>
    public string AuthorityFile { get; } = Path.Combine(folder, "ca.pem");

    public string ServerFile { get; } = Path.Combine(folder, "server.pem");
    public string ServerKeyFile { get; } = Path.Combine(folder, "server.key");
    private string AuthorityKeyFile { get; } = Path.Combine(folder, "ca.key");

    public void Ensure(IReadOnlyList<string> names, DateTimeOffset now)
    {
        if (!File.Exists(AuthorityFile) || !File.Exists(AuthorityKeyFile)) MakeAuthority(now);
        if (!File.Exists(ServerFile) || !File.Exists(ServerKeyFile) || !Serves(names, now)) MakeServer(names, now);
    }

    private bool Serves(IReadOnlyList<string> names, DateTimeOffset now)
    {
        using var server = X509CertificateLoader.LoadCertificateFromFile(ServerFile);
        using var authority = X509CertificateLoader.LoadCertificateFromFile(AuthorityFile);
        return server.NotAfter - renewBefore > now && server.Issuer == authority.Subject && names.All(n => server.MatchesHostname(n, allowWildcards: false, allowCommonName: false));
    }

    private void MakeAuthority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Its name is its own, so that a server certificate of an earlier authority is recognised.
        var request = new CertificateRequest($"CN=CitySafeSense broker CA {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now + authorityLife);
        PrivateFile.Write(AuthorityKeyFile, key.ExportPkcs8PrivateKeyPem());
        PrivateFile.Write(AuthorityFile, authority.ExportCertificatePem());
    }

    private void MakeServer(IReadOnlyList<string> names, DateTimeOffset now)
    {
        using var authority = X509Certificate2.CreateFromPemFile(AuthorityFile, AuthorityKeyFile);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=CitySafeSense broker", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address)) alternatives.AddIpAddress(address);
            else alternatives.AddDnsName(name);
        }
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var end = now + serverLife;
        using var server = request.Create(authority, now.AddDays(-1), end < authority.NotAfter ? end : authority.NotAfter, RandomNumberGenerator.GetBytes(16));
        PrivateFile.Write(ServerKeyFile, key.ExportPkcs8PrivateKeyPem());
        PrivateFile.Write(ServerFile, server.ExportCertificatePem());
    }
}
