using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using CitySafeSense.Contracts;
using CitySafeSense.Sensing;
using CitySafeSense.Silo.Broker;

namespace CitySafeSense.Silo.Devices;

/// <summary>A device's user name and password; told once, and kept nowhere.</summary>
public sealed record NewCredential(string Device, string Password);

/// <summary>A device that is to be registered.</summary>
/// <param name="Cell">Where it is fixed, if it is.</param>
/// <param name="Owner">Whose it is, where somebody has several.</param>
public sealed record DeviceEntry(string Device, ulong? Cell = null, string? Owner = null);

/// <summary>What is wrong with a request about devices.</summary>
public enum DeviceTrouble
{
    Malformed,
    Unknown,
    RegisteredAlready,
}

/// <summary>A request about devices that cannot be met; the message says why.</summary>
public sealed class DeviceException(DeviceTrouble trouble, string message) : Exception(message)
{
    public DeviceTrouble Trouble => trouble;
}

/// <summary>Which devices there are: their entries in the registry's grains, and their rights at the broker.</summary>
public sealed class DeviceRegistry(IGrainFactory grains, BrokerHost broker, TimeProvider time)
{
    /// <summary>Devices in one request.</summary>
    public const int MaxDevices = 5000;

    private const int PasswordBytes = 24, PlacesKept = 100_000;
    private static readonly TimeSpan placeIsFresh = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, (ulong? Cell, string? Owner, long At)> places = new();

    /// <exception cref="DeviceException">An id or a cell is none, a device is registered already; then none is registered.</exception>
    public async Task<IReadOnlyList<NewCredential>> Register(IReadOnlyList<DeviceEntry> devices)
    {
        if (devices.Count is 0 or > MaxDevices) throw new DeviceException(DeviceTrouble.Malformed, $"a request registers 1 to {MaxDevices} devices, not {devices.Count}");
        foreach (var (device, _, owner) in devices)
        {
            RequireId(device);
            if (owner is not null) RequireId(owner);
        }
        if (devices.Select(d => d.Device).Distinct().Count() != devices.Count) throw new DeviceException(DeviceTrouble.Malformed, "a device is named twice");
        var known = await Task.WhenAll(devices.Select(d => Shard(d.Device).Find(d.Device)));
        if (known.FirstOrDefault(k => k is not null) is { } there) throw RegisteredAlready(there.Device);
        NewCredential[] credentials = [.. devices.Select(d => new NewCredential(d.Device, DrawPassword()))];
        var now = time.GetUtcNow();
        var shards = await Task.WhenAll(devices.Zip(credentials).GroupBy(d => ShardOf(d.First.Device)).Select(shard => Enter(shard.Key, [.. shard], now)));
        var entered = shards.SelectMany(s => s.Entered).ToArray();
        if (shards.SelectMany(s => s.Refused).FirstOrDefault() is { } taken)
        {
            // Somebody else registered one in the meantime; theirs stays.
            foreach (var device in entered) await Shard(device).Remove(device);
            throw RegisteredAlready(taken);
        }
        try
        {
            // Their retention begins here: one that is forgotten and registered again on one day is noted though its silo knows that it was.
            await Task.WhenAll(devices.GroupBy(d => DeviceRetention.ShardOf(d.Device)).Select(shard => grains.GetGrain<IRetentionGrain>(shard.Key).Heard([.. shard.Select(d => d.Device)], DateOnly.FromDateTime(now.UtcDateTime).DayNumber)));
            await Provision(credentials);
        }
        catch
        {
            foreach (var (device, _, _) in devices) await Shard(device).Remove(device);
            throw;
        }
        return credentials;
    }

    /// <summary>A new credential; the old one, and a connection made with it, end at once.</summary>
    /// <exception cref="DeviceException">There is no such device.</exception>
    public async Task<NewCredential> Rotate(string device)
    {
        RequireId(device);
        var credential = new NewCredential(device, DrawPassword());
        if (!await Shard(device).Rotate(device, [.. HashOf(credential.Password)])) throw NoSuch(device);
        await Provision([credential]);
        return credential;
    }

    /// <summary>The device is out: its credential does nothing, its connection ends.</summary>
    /// <exception cref="DeviceException">There is no such device.</exception>
    public async Task Revoke(string device)
    {
        if (!await Remove(device)) throw NoSuch(device);
    }

    /// <summary>As revoked; false if there is no such device.</summary>
    /// <exception cref="DeviceException">It is no device id.</exception>
    public async Task<bool> Remove(string device)
    {
        RequireId(device);
        var was = await Shard(device).Remove(device);
        places.TryRemove(device, out _);
        await broker.Change([.. BrokerRights.RemoveDevice(device)]);
        return was;
    }

    public async Task<IReadOnlyList<RegisteredDevice>> List() =>
        [.. (await Task.WhenAll(Enumerable.Range(0, Limits.RegistryShards).Select(s => grains.GetGrain<IDeviceRegistryGrain>(s).List()))).SelectMany(d => d).OrderBy(d => d.Device, StringComparer.Ordinal)];

    /// <summary>What a device is to do from now on; the broker keeps it for a device that is offline.</summary>
    /// <returns>The number that the device says when it has it.</returns>
    /// <exception cref="DeviceException">There is no such device, or the settings are none.</exception>
    public async Task<int> Configure(string device, byte[] settings)
    {
        RequireId(device);
        if (DeviceConfiguration.Refuse(settings) is { } why) throw new DeviceException(DeviceTrouble.Malformed, $"the configuration of {device}: {why}");
        var number = await Shard(device).Configure(device, [.. settings]);
        if (number == 0) throw NoSuch(device);
        await broker.Retain([DeviceTopics.Of(device, DeviceTopic.Config)], new DeviceConfiguration(number, settings).Encode());
        return number;
    }

    public Task Seen(string device, DeviceReport report) => Shard(device).Seen(device, report.Online, report.Configuration, time.GetUtcNow());

    /// <summary>Nothing where it is not registered.</summary>
    /// <exception cref="DeviceException">It is no device id.</exception>
    public Task<RegisteredDevice?> Find(string device)
    {
        RequireId(device);
        return Shard(device).Find(device);
    }

    /// <summary>Whether a device has this credential.</summary>
    public async Task<bool> Knows(string device, string password) => DeviceIds.IsValid(device.AsSpan()) && await Shard(device).Find(device) is { } found
        && CryptographicOperations.FixedTimeEquals(HashOf(password), found.CredentialHash.AsSpan());

    /// <summary>The cell a device is fixed in, and whose it is; nothing where it moves or stands for itself, or is not registered.</summary>
    public async ValueTask<(ulong? Cell, string? Owner)> PlaceOf(string device)
    {
        if (places.TryGetValue(device, out var place) && time.GetElapsedTime(place.At) < placeIsFresh) return (place.Cell, place.Owner);
        if (places.Count > PlacesKept) places.Clear();
        var found = await Shard(device).Find(device);
        places[device] = (found?.Cell, found?.Owner, time.GetTimestamp());
        return (found?.Cell, found?.Owner);
    }

    private async Task<(IEnumerable<string> Entered, IEnumerable<string> Refused)> Enter(long shard, (DeviceEntry Device, NewCredential Credential)[] devices, DateTimeOffset now)
    {
        var isNew = await grains.GetGrain<IDeviceRegistryGrain>(shard).Register([.. devices.Select(d => new DeviceRegistration(d.Device.Device, [.. HashOf(d.Credential.Password)], d.Device.Cell, now, d.Device.Owner))]);
        var byOutcome = devices.Select(d => d.Device.Device).Zip(isNew).ToLookup(d => d.Second, d => d.First);
        return (byOutcome[true], byOutcome[false]);
    }

    /// <summary>In place of what the broker knows of them, if it knows anything.</summary>
    private async Task Provision(IReadOnlyList<NewCredential> credentials)
    {
        await broker.Change([.. credentials.SelectMany(c => BrokerRights.RemoveDevice(c.Device))]);
        await broker.Add([.. credentials.SelectMany(c => BrokerRights.AddDevice(c.Device, c.Password))]);
    }

    private IDeviceRegistryGrain Shard(string device) => grains.GetGrain<IDeviceRegistryGrain>(ShardOf(device));

    internal static long ShardOf(string device) => (long)(Numerics.StableHash.Of(device) % Limits.RegistryShards);

    private static void RequireId(string device)
    {
        if (!DeviceIds.IsValid(device.AsSpan())) throw new DeviceException(DeviceTrouble.Malformed, $"\"{device}\" is not a device id: {DeviceIds.Rule} are");
    }

    private static DeviceException RegisteredAlready(string device) => new(DeviceTrouble.RegisteredAlready, $"{device} is registered already: rotate gives it a new credential");

    internal static DeviceException NoSuch(string device) => new(DeviceTrouble.Unknown, $"{device} is not registered");

    private static string DrawPassword() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(PasswordBytes)).Replace('+', '-').Replace('/', '_');

    /// <summary>Plain SHA-256: 192 random bits cannot be guessed, so a slow hash would protect nothing.</summary>
    private static byte[] HashOf(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));
}
