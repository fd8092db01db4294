using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Grains;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;
using Microsoft.Extensions.DependencyInjection;

namespace CitySafeSense.Tests.Federation;

/// <summary>A device that has learned, and is forgotten.</summary>
public class ForgettingTests
{
    [Fact]
    public async Task Windows_personal_model_and_willingness_are_gone_and_stay_gone()
    {
        await using var cluster = new InProcessCluster(new CityOptions { Privacy = PrivacyMode.Simulation }, 1, 1);
        var (device, rounds) = (cluster.Grains.GetGrain<IDeviceGrain>("ann"), cluster.Grains.GetGrain<IFederatedRoundGrain>("default"));
        var model = await cluster.Grains.GetGrain<IModelGrain>("default").Initialise(ModelRuntime.SpecFor(ActivityClasses.Count, ChannelScaling.Nominal(WindowSchema.Default)), 1);
        var number = 0UL;
        foreach (var (window, label) in SyntheticPeople.Draw(1, 0, 12).Select(w => (w.Window, w.Label)))
            await device.Ingest([.. WindowFrame.Encode(new WindowHeader("ann", 1, number++, 0, 0, 0, (byte)label), window)]);
        await device.Participate(new Invitation("nobody", 1, model, RoundTermsMapping.Default("fedala", 1, 1) with { BatchSize = 4 }));
        var patience = Task.Delay(TimeSpan.FromMinutes(1));
        while ((await device.Status()).PersonalModel is null && !patience.IsCompleted) await Task.Delay(20);
        var personal = (await device.Status()).PersonalModel!;
        var blobs = cluster.Services.GetRequiredService<IBlobStore>();
        Assert.NotEmpty(await blobs.Get(personal));

        Assert.True(await device.Forget());
        Assert.Equal(new DeviceStatus("ann", 0, null, null, 0, 0), await device.Status());
        await Assert.ThrowsAsync<KeyNotFoundException>(() => blobs.Get(personal));
        Assert.True(await rounds.Withdraw("ann"));
        Assert.False(await device.Forget());
        Assert.False(await rounds.Withdraw("ann"));
    }
}
