using System.Globalization;
using CitySafeSense.Contracts;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;
using CitySafeSense.Silo.Broker;

namespace CitySafeSense.Silo.Devices;

/// <summary>What there was of a device and is not any more.</summary>
/// <param name="Credential">It was registered; its status and configuration went with that.</param>
/// <param name="Learned">Windows in memory, a personal model, or its part in rounds.</param>
/// <param name="Delivered">What the log knew of its messages, and the slots it was counted in.</param>
/// <param name="Willing">It was on the list of those that would take part in a round.</param>
public sealed record Forgotten(bool Credential, bool Learned, bool Delivered, bool Willing)
{
    public bool Anything => Credential || Learned || Delivered || Willing;
}

/// <summary>
/// Forgets a device: whatever carries its id, or a pseudonym that could be made of it. What cells counted stays, for it names nobody.
/// Done twice, the second time must find nothing; that is the proof, and the audit keeps it.
/// </summary>
public sealed class DeviceForgetting(IGrainFactory grains, DeviceRegistry registry, BrokerHost broker, KeyedPseudonym pseudonyms, CityOptions city)
{
    /// <summary>Forgets what devices that have been silent for long have delivered and learned. They stay registered where they are.</summary>
    /// <param name="since">The last day on which one of them was heard, at most.</param>
    /// <returns>Of how many there was anything.</returns>
    public async Task<int> Expire(IReadOnlyList<string> devices, DateOnly since)
    {
        var gone = 0;
        foreach (var device in devices)
        {
            if ((await Take(device)).Anything) gone++;
            await Shard(device).Forget(device); // last: what fails is tried again
        }
        if (gone > 0) await grains.GetGrain<IAuditGrain>("audit").Add("expire", "", string.Create(CultureInfo.InvariantCulture, $"{gone} devices silent since {since:yyyy-MM-dd} or before: what they delivered and learned is gone"));
        return gone;
    }

    /// <exception cref="DeviceException">There is nothing of such a device, or it is no device id.</exception>
    public async Task<(Forgotten Found, AuditEntry Audit)> Forget(string device)
    {
        var found = await Remove(device);
        if (!found.Anything) throw DeviceRegistry.NoSuch(device);
        var left = await Remove(device);
        if (left.Anything) throw new InvalidOperationException($"{device} sends through a gateway meanwhile: stop that first, then forget it again ({left})");
        var detail = string.Create(CultureInfo.InvariantCulture, $"credential {found.Credential}, learned {found.Learned}, delivered {found.Delivered}, willing {found.Willing}; looked again: nothing left");
        return (found, await grains.GetGrain<IAuditGrain>("audit").Add("forget", pseudonyms.OfDevice(device).ToString("x16", CultureInfo.InvariantCulture), detail));
    }

    /// <summary>First the credential, so that nothing new comes of it.</summary>
    private async Task<Forgotten> Remove(string device)
    {
        var credential = await registry.Remove(device);
        await broker.Retain([DeviceTopics.Of(device, DeviceTopic.Status), DeviceTopics.Of(device, DeviceTopic.Config)], []);
        var taken = await Take(device);
        await Shard(device).Forget(device);
        return taken with { Credential = credential };
    }

    /// <summary>All but its registration.</summary>
    private async Task<Forgotten> Take(string device)
    {
        var key = pseudonyms.OfDevice(device);
        return new(
            false, await grains.GetGrain<IDeviceGrain>(device).Forget(), await Delivered(key),
            await grains.GetGrain<IFederatedRoundGrain>(city.Population).Withdraw(device));
    }

    /// <summary>Asks every partition: which one a device's messages went to was decided by its owner, who may have changed.</summary>
    private async Task<bool> Delivered(ulong key) =>
        (await Task.WhenAll(Enumerable.Range(0, Limits.Partitions).Select(p => grains.GetGrain<IIngestLogGrain>(p).Forget(key)))).Contains(true);

    private IRetentionGrain Shard(string device) => grains.GetGrain<IRetentionGrain>(DeviceRetention.ShardOf(device));
}
