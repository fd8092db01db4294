using System.Net;
using CitySafeSense.Contracts;

namespace CitySafeSense.Silo;

/// <summary>A fault that a verification plants, to see that it is found.</summary>
public enum PlantedFault
{
    None,
    AckBeforeCommit,
    NoDedupe,
}

/// <summary>What a silo is told.</summary>
public sealed record SiloOptions
{
    /// <summary>Where databases and keys lie.</summary>
    public string DataFolder { get; init; } = "data";

    /// <summary>Loopback unless a certificate is given. Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8080);

    /// <summary>PEM with certificate and key; TLS on.</summary>
    public string? CertificateFile { get; init; }

    public CityOptions City { get; init; } = new();

    /// <summary>Threads that train; 0 = one for each core.</summary>
    public int Workers { get; init; }

    /// <summary>The first version's weights, and in simulation the noise.</summary>
    public ulong Seed { get; init; } = 1;

    public PlantedFault Plant { get; init; }

    /// <exception cref="ArgumentException">Names the setting and the remedy.</exception>
    public void Validate()
    {
        City.Validate();
        if (!IPAddress.IsLoopback(Listen.Address) && CertificateFile is null)
            throw new ArgumentException($"listening on {Listen} reaches beyond this machine: give --certificate FILE.pem, or listen on 127.0.0.1");
        if (CertificateFile is { } file && !File.Exists(file)) throw new ArgumentException($"{file}: no such certificate file");
        if (Workers is < 0 or > 1024) throw new ArgumentException("workers must be 0 (one for each core) to 1024");
        if (Plant != PlantedFault.None && City.Privacy != PrivacyMode.Simulation) throw new ArgumentException("faults are planted in simulation only");
    }
}
