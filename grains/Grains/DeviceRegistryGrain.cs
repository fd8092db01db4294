using CitySafeSense.Contracts;

namespace CitySafeSense.Grains;

/// <summary>One shard of the list of registered devices: `{shard}`.</summary>
public sealed class DeviceRegistryGrain([PersistentState("registry", "devices")] IPersistentState<RegistryState> state) : Grain, IDeviceRegistryGrain
{
    private readonly Dictionary<string, (bool? Online, int? Configuration, DateTimeOffset At)> seen = [];

    public async Task<ImmutableArray<bool>> Register(ImmutableArray<DeviceRegistration> devices)
    {
        var room = Limits.DevicesPerRegistryShard - state.State.Devices.Count;
        if (devices.Length > room) throw new InvalidOperationException($"shard {this.GetPrimaryKeyLong()} of the registry has room for {room} devices more, not for {devices.Length}");
        ImmutableArray<bool> isNew = [.. devices.Select(d => state.State.Devices.TryAdd(d.Device, new RegistryEntry { CredentialHash = [.. d.CredentialHash], Cell = d.Cell, Registered = d.At, Owner = d.Owner }))];
        if (isNew.Contains(true)) await state.WriteOrLeave(DeactivateOnIdle);
        return isNew;
    }

    public async Task<bool> Rotate(string device, ImmutableArray<byte> credentialHash)
    {
        if (!state.State.Devices.TryGetValue(device, out var entry)) return false;
        entry.CredentialHash = [.. credentialHash];
        await state.WriteOrLeave(DeactivateOnIdle);
        return true;
    }

    public async Task<bool> Remove(string device)
    {
        seen.Remove(device);
        if (!state.State.Devices.Remove(device)) return false;
        await state.WriteOrLeave(DeactivateOnIdle);
        return true;
    }

    public async Task<int> Configure(string device, ImmutableArray<byte> settings)
    {
        if (!state.State.Devices.TryGetValue(device, out var entry)) return 0;
        (entry.Configured, entry.Settings) = (entry.Configured + 1, [.. settings]);
        await state.WriteOrLeave(DeactivateOnIdle);
        return entry.Configured;
    }

    public Task<RegisteredDevice?> Find(string device) => Task.FromResult(state.State.Devices.TryGetValue(device, out var entry) ? Describe(device, entry) : null);

    public Task<ImmutableArray<RegisteredDevice>> List() => Task.FromResult<ImmutableArray<RegisteredDevice>>([.. state.State.Devices.Select(d => Describe(d.Key, d.Value))]);

    public Task Seen(string device, bool online, int? configuration, DateTimeOffset at)
    {
        // A last will says nothing of the configuration: what the device said before stands.
        if (state.State.Devices.ContainsKey(device)) seen[device] = (online, configuration ?? seen.GetValueOrDefault(device).Configuration, at);
        return Task.CompletedTask;
    }

    public Task Heard(ImmutableArray<DeviceHeard> devices)
    {
        foreach (var (device, at) in devices)
            if (state.State.Devices.ContainsKey(device)) seen[device] = seen.GetValueOrDefault(device) is var last && last.At < at ? (last.Online, last.Configuration, at) : last;
        return Task.CompletedTask;
    }

    private RegisteredDevice Describe(string device, RegistryEntry entry)
    {
        var known = seen.TryGetValue(device, out var last);
        return new(device, [.. entry.CredentialHash], entry.Cell, entry.Registered, known ? last.Online : null, known ? last.At : null, entry.Configured, last.Configuration, entry.Owner);
    }
}

[GenerateSerializer, Alias("citysafe.RegistryState")]
public sealed class RegistryState
{
    [Id(0)] public int Version { get; set; } = 1;
    [Id(1)] public SortedDictionary<string, RegistryEntry> Devices { get; set; } = new(StringComparer.Ordinal);
}

[GenerateSerializer, Alias("citysafe.RegistryEntry")]
public sealed class RegistryEntry
{
    [Id(0)] public byte[] CredentialHash { get; set; } = [];
    [Id(1)] public ulong? Cell { get; set; }
    [Id(2)] public DateTimeOffset Registered { get; set; }

    /// <summary>Number of the last configuration; 0 where there was none.</summary>
    [Id(3)] public int Configured { get; set; }

    /// <summary>A JSON object.</summary>
    [Id(4)] public byte[] Settings { get; set; } = [];

    /// <summary>Whose it is; nothing where it stands for itself.</summary>
    [Id(5)] public string? Owner { get; set; }
}
