using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace CitySafeSense.Mqtt.Mosquitto;

/// <summary>
/// The state of Mosquitto's dynamic security plugin, as its file has it. The first one is written here, since the plugin's own
/// tool takes the password on the command line; and many users at once are, since the plugin writes the whole file for each.
/// </summary>
internal static class DynamicSecurityFile
{
    // Passwords are random bits of ours: a slow hash would protect nothing, and would cost at every connection.
    private const int SaltBytes = 12, HashBytes = 64, Iterations = 101;

    /// <summary>One administrator, and nobody else may do anything.</summary>

    public static string First(string user, string password)
    {
        return new JsonObject
        {
            ["defaultACLAccess"] = new JsonObject { ["publishClientSend"] = false, ["publishClientReceive"] = false, ["subscribe"] = false, ["unsubscribe"] = true },
            ["clients"] = new JsonArray(Client(user, password, new JsonArray(new JsonObject { ["rolename"] = "admin" }))),
            ["roles"] = new JsonArray(new JsonObject
            {
                ["rolename"] = "admin",
                ["acls"] = new JsonArray([.. new[] { "publishClientSend", "publishClientReceive", "subscribePattern" }.Select(type => (JsonNode)new JsonObject { ["acltype"] = type, ["topic"] = DynamicSecurity.Topics, ["allow"] = true })]),
            }),
        }.ToJsonString();
    }

    /// <summary>Carries out createRole and createClient commands on the file's text, as the plugin would.</summary>
    /// <exception cref="MqttException">Another command, or a name that is there already.</exception>
    public static string Add(string file, IEnumerable<JsonObject> commands)
    {
        var state = JsonNode.Parse(file)!;
        var (clients, roles) = (state["clients"]!.AsArray(), state["roles"]!.AsArray());
        var names = clients.Select(c => (string)c!["username"]!).ToHashSet();
        var roleNames = roles.Select(r => (string)r!["rolename"]!).ToHashSet();
        foreach (var command in commands)
        {
            switch ((string?)command["command"])
            {
                case "createRole" when roleNames.Add((string)command["rolename"]!):
                    roles.Add(new JsonObject { ["rolename"] = (string)command["rolename"]!, ["acls"] = command["acls"]!.DeepClone() });
                    break;
                case "createClient" when names.Add((string)command["username"]!):
                    clients.Add(Client((string)command["username"]!, (string)command["password"]!, command["roles"]!.DeepClone()));
                    break;
                default: throw new MqttException($"{command["command"]} of {command["username"] ?? command["rolename"]} cannot be written to the broker's rights: it is there already, or is no addition");
            }
        }
        return state.ToJsonString();
    }

    private static JsonObject Client(string user, string password, JsonNode roles)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA512, HashBytes);
        return new JsonObject { ["username"] = user, ["password"] = Convert.ToBase64String(hash), ["salt"] = Convert.ToBase64String(salt), ["iterations"] = Iterations, ["roles"] = roles };
    }
}
