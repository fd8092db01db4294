using System.Globalization;
using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;
using CitySafeSense.Sdk;
using CitySafeSense.Sensing;
using CitySafeSense.Tests.Mqtt;
using CitySafeSense.Wire;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace CitySafeSense.EndToEnd;

/// <summary>A room's device tells the city of what it notices, over MQTT, and no frame of it.</summary>
public sealed class RoomEventTests : IAsyncLifetime
{
    private readonly MqttSilo running = new();
    private CitySafeClient silo = null!;

    public async Task InitializeAsync() => silo = await running.Start();

    public Task DisposeAsync() => running.DisposeAsync();

    [BrokerFact]
    public async Task What_a_room_notices_is_counted_in_its_cell()
    {
        var cell = H3.LatLngToCell(new(-23.5505, -46.6333), 9).ToString();
        var answer = await silo.RegisterDevices(new RegisterDevices([new DeviceToRegister("kitchen", cell)]));
        string[] arguments =
        [
            "edge", "detect", "--source", Films.Room(running.Folder, "room.mp4"), "--learn", "50", "--device", "kitchen",
            "--broker", string.Create(CultureInfo.InvariantCulture, $"{answer.Broker!.Host}:{answer.Broker.Port}"), "--broker-ca", running.AuthorityFile,
        ];
        var run = await Citysafe.RunWith(running.Folder, [("CITYSAFE_DEVICE_PASSWORD", answer.Credentials[0].Password)], arguments);
        Assert.Equal(0, run.Code);
        Assert.Contains("events: 1 acknowledged, 0 refused", run.Error);
        await silo.Settle();
        var view = await running.Services.GetRequiredService<IGrainFactory>().GetGrain<IHotspotCellGrain>(cell).View();
        Assert.Equal(1, view.Open.Concat(view.Closed).Sum(b => b.Windows[(int)ActivityClass.UnusualScene]));
        Assert.Equal(1, (await silo.Counts(cell)).Counted);

        Assert.Contains("CITYSAFE_DEVICE_PASSWORD", (await Citysafe.Run(running.Folder, arguments)).Error);
        var refused = await Citysafe.RunWith(running.Folder, [("CITYSAFE_DEVICE_PASSWORD", "wrong")], arguments);
        Assert.Equal((1, ""), (refused.Code, refused.Output));
    }
}
