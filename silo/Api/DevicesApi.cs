using System.Globalization;
using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;
using CitySafeSense.Silo.Broker;
using CitySafeSense.Silo.Devices;
using CitySafeSense.Silo.Ingress;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CitySafeSense.Silo.Api;

/// <summary>Which devices there are, and what the cluster knows of one: membership and names of models.</summary>
internal static class DevicesApi
{
    public static void Map(WebApplication app)
    {
        app.MapGet(Routes.Devices, async (DeviceRegistry registry) => TypedResults.Json(
            new DevicesAnswer([.. (await registry.List()).Select(Describe)]), WireJson.Default.DevicesAnswer)).ForOperators();

        app.MapPost(Routes.Devices, async (RegisterDevices request, DeviceRegistry registry, BrokerHost broker) =>
        {
            Api.RequireElements(request.Devices, "$.devices");
            var credentials = await registry.Register([.. request.Devices.Select(d => new DeviceEntry(d.Device, CellOf(d), d.Owner))]);
            return Credentials(credentials, broker);
        }).TellingMistakes().ForOperators();

        app.MapPost(Routes.Devices + "/{id}/rotate", async (string id, DeviceRegistry registry, BrokerHost broker) => Credentials([await registry.Rotate(id)], broker)).ForOperators();

        app.MapDelete(Routes.Devices + "/{id}", async (string id, DeviceRegistry registry) =>
        {
            await registry.Revoke(id);
            return TypedResults.NoContent();
        }).ForOperators();

        app.MapPut(Routes.Devices + "/{id}/config", async (string id, HttpRequest request, DeviceRegistry registry) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            return TypedResults.Json(new ConfiguredAnswer(id, await registry.Configure(id, body.ToArray())), WireJson.Default.ConfiguredAnswer);
        }).ForOperators();

        app.MapPost(Routes.Devices + "/{id}/forget", async (string id, DeviceForgetting forgetting) =>
        {
            var (found, audit) = await forgetting.Forget(id);
            return TypedResults.Json(new ForgottenAnswer(id, found.Credential, found.Learned, found.Delivered, found.Willing, Describe(audit)), WireJson.Default.ForgottenAnswer);
        }).ForOperators();

        app.MapGet(Routes.Audit, async (IGrainFactory grains, int? last) => TypedResults.Json(
            new AuditAnswer([.. (await grains.GetGrain<IAuditGrain>("audit").Recent(Math.Clamp(last ?? 100, 1, 1000))).Select(Describe)]), WireJson.Default.AuditAnswer)).ForOperators();

        app.MapGet(Routes.Devices + "/{id}", async (string id, IGrainFactory grains, DeviceRegistry registry, DeadLetters deadLetters) =>
        {
            var registration = await registry.Find(id);
            var status = await grains.GetGrain<IDeviceGrain>(id).Status();
            if (registration is null && status is { WindowsSeen: 0, LastRound: 0, BufferedWindows: 0 }) throw DeviceRegistry.NoSuch(id);
            DeadLetterAnswer[] refused = [.. deadLetters.Of(id).Select(Describe)];
            return TypedResults.Json(
                new DeviceAnswer(status.Device, status.LastRound, status.GlobalModel, status.PersonalModel, status.BufferedWindows, status.WindowsSeen, registration is null ? null : Describe(registration), refused),
                WireJson.Default.DeviceAnswer);
        }).ForOperators();
    }

    public static DeadLetterAnswer Describe(DeadLetter letter) => new(letter.At, letter.Device, letter.Kind, letter.Reason, letter.Bytes);

    private static RegisteredDeviceAnswer Describe(RegisteredDevice device) => new(
        device.Device, device.Cell?.ToString("x", CultureInfo.InvariantCulture), device.Owner, device.Registered, device.Online, device.Seen, device.Configured, device.Runs);

    private static AuditEntryAnswer Describe(AuditEntry entry) => new(entry.Number, entry.At, entry.Action, entry.Subject, entry.Detail, entry.Previous, entry.Hash);

    public static BrokerAnswer? Describe(BrokerAddress? address) => address is null ? null : new(address.Host, address.Port, address.AuthorityFile is { } file ? File.ReadAllText(file) : null);

    private static IResult Credentials(IReadOnlyList<NewCredential> credentials, BrokerHost broker) => TypedResults.Json(
        new RegisteredDevicesAnswer([.. credentials.Select(c => new CredentialAnswer(c.Device, c.Password))], Describe(broker.Address)), WireJson.Default.RegisteredDevicesAnswer);

    private static ulong? CellOf(DeviceToRegister device)
    {
        if (device.Cell is not { } text) return null;
        if (!CellId.TryParse(text, out var cell) || cell.Resolution != 9) throw new DeviceException(DeviceTrouble.Malformed, $"{device.Device}: \"{text}\" is no H3 cell of resolution 9");
        return cell.Value;
    }
}
