using CitySafeSense.Contracts;
using CitySafeSense.Sensing;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CitySafeSense.Silo.Api;

/// <summary>What the cluster knows of one device: membership and names of models.</summary>
internal static class DevicesApi
{
    public static void Map(WebApplication app) => app.MapGet(Routes.Devices + "/{id}", async (string id, IGrainFactory grains) =>
    {
        if (id.Length > WindowFrame.MaxDeviceIdBytes) return Api.Refused(StatusCodes.Status400BadRequest, $"a device id has at most {WindowFrame.MaxDeviceIdBytes} characters");
        var status = await grains.GetGrain<IDeviceGrain>(id).Status();
        return status is { WindowsSeen: 0, LastRound: 0, BufferedWindows: 0 }
            ? Api.Refused(StatusCodes.Status404NotFound, $"nothing is known of device {id}")
            : TypedResults.Json(new DeviceAnswer(status.Device, status.LastRound, status.GlobalModel, status.PersonalModel, status.BufferedWindows, status.WindowsSeen), WireJson.Default.DeviceAnswer);
    }).ForOperators();
}
