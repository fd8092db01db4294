namespace CitySafeSense.Contracts;

/// <summary>One shard of the list of registered devices: `{shard}`, a stable hash of the device's id. It keeps what proves a credential, never the credential.</summary>
[Alias("citysafe.IDeviceRegistryGrain")]
public interface IDeviceRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>For each whether it was new; what is registered already stays as it is.</summary>
    [Alias("Register")]
    Task<ImmutableArray<bool>> Register(ImmutableArray<DeviceRegistration> devices);

    /// <summary>A new credential for a registered device; false if there is none.</summary>
    [Alias("Rotate")]
    Task<bool> Rotate(string device, ImmutableArray<byte> credentialHash);

    /// <summary>Its credential is of no use any more; false if there is none.</summary>
    [Alias("Remove")]
    Task<bool> Remove(string device);

    [AlwaysInterleave]
    [Alias("Find")]
    Task<RegisteredDevice?> Find(string device);

    [AlwaysInterleave]
    [Alias("List")]
    Task<ImmutableArray<RegisteredDevice>> List();

    /// <summary>What the device is to do; answers its number, or 0 if there is no such device.</summary>
    [Alias("Configure")]
    Task<int> Configure(string device, ImmutableArray<byte> settings);

    /// <summary>What the broker says of devices: online or not, and with which configuration. Kept in memory; the broker says it again.</summary>
    [AlwaysInterleave]
    [Alias("Seen")]
    Task Seen(string device, bool online, int? configuration, DateTimeOffset at);

    /// <summary>Which devices sent something, and when last. Kept in memory too.</summary>
    [AlwaysInterleave]
    [Alias("Heard")]
    Task Heard(ImmutableArray<DeviceHeard> devices);
}

[GenerateSerializer, Immutable, Alias("citysafe.DeviceHeard")]
public sealed record DeviceHeard(string Device, DateTimeOffset At);

/// <param name="CredentialHash">SHA-256 of a credential of 192 random bits.</param>
/// <param name="Cell">Where the device is fixed, if it is; used for events that name no cell.</param>
/// <param name="Owner">Whose it is, where somebody has several.</param>
[GenerateSerializer, Immutable, Alias("citysafe.DeviceRegistration")]
public sealed record DeviceRegistration(string Device, ImmutableArray<byte> CredentialHash, ulong? Cell, DateTimeOffset At, string? Owner = null);

/// <param name="Online">Nothing where the broker has not said.</param>
/// <param name="Seen">When it last said something; nothing since the registry's silo started.</param>
/// <param name="Configured">Number of the configuration it is to have; 0 where it was given none.</param>
/// <param name="Runs">The one it says it has.</param>
[GenerateSerializer, Immutable, Alias("citysafe.RegisteredDevice")]
public sealed record RegisteredDevice(
    string Device, ImmutableArray<byte> CredentialHash, ulong? Cell, DateTimeOffset Registered, bool? Online = null, DateTimeOffset? Seen = null, int Configured = 0, int? Runs = null, string? Owner = null);
