using System.Text.Json.Nodes;
using CitySafeSense.Sensing;

namespace CitySafeSense.Silo.Broker;

/// <summary>Who may do what at the broker, as commands of its dynamic security: a device on its own topics only, silos on those of all devices.</summary>
internal static class BrokerRights
{
    public const string IngestUser = "citysafe-ingest";
    private const string SharedGroup = "citysafe";

    /// <summary>What silos read, each message by one of them.</summary>
    public static string Shared(DeviceTopic kind) => $"$share/{SharedGroup}/{DeviceTopics.Of("+", kind)}";

    public static IEnumerable<JsonObject> AddIngest(string password)
    {
        JsonObject[] acls =
        [
            .. DeviceTopics.Up.SelectMany(kind => new[] { Acl("subscribePattern", DeviceTopics.Of("+", kind)), Acl("subscribePattern", Shared(kind)), Acl("publishClientReceive", DeviceTopics.Of("+", kind)) }),
            .. DeviceTopics.Down.Select(kind => Acl("publishClientSend", DeviceTopics.Of("+", kind))),
            // To take back what a device that is forgotten has left there.
            Acl("publishClientSend", DeviceTopics.Of("+", DeviceTopic.Status)),
        ];
        yield return Role(IngestUser, acls);
        yield return User(IngestUser, password, IngestUser);
        // Both are there already after the first start: then these two count.
        yield return new JsonObject { ["command"] = "modifyRole", ["rolename"] = IngestUser, ["acls"] = new JsonArray([.. acls.Select(a => a.DeepClone())]) };
        yield return new JsonObject { ["command"] = "setClientPassword", ["username"] = IngestUser, ["password"] = password };
    }

    public static IEnumerable<JsonObject> AddDevice(string device, string password)
    {
        yield return Role(RoleOf(device),
        [
            .. DeviceTopics.Up.Select(kind => Acl("publishClientSend", DeviceTopics.Of(device, kind))),
            // Whatever it subscribes to of its own; what it publishes there reaches nobody else.
            Acl("subscribePattern", $"{DeviceTopics.Root}{device}/+"), Acl("publishClientReceive", $"{DeviceTopics.Root}{device}/+"),
        ]);
        yield return User(device, password, RoleOf(device));
    }

    /// <summary>Also ends the device's connection.</summary>
    public static IEnumerable<JsonObject> RemoveDevice(string device)
    {
        yield return new JsonObject { ["command"] = "deleteClient", ["username"] = device };
        yield return new JsonObject { ["command"] = "deleteRole", ["rolename"] = RoleOf(device) };
    }

    private static string RoleOf(string device) => $"device {device}";

    private static JsonObject Role(string name, IEnumerable<JsonObject> acls) => new() { ["command"] = "createRole", ["rolename"] = name, ["acls"] = new JsonArray([.. acls.Select(a => a.DeepClone())]) };

    private static JsonObject User(string name, string password, string role) => new()
    {
        ["command"] = "createClient",
        ["username"] = name,
        ["password"] = password,
        ["roles"] = new JsonArray(new JsonObject { ["rolename"] = role }),
    };

    private static JsonObject Acl(string type, string topic) => new() { ["acltype"] = type, ["topic"] = topic, ["allow"] = true };
}
