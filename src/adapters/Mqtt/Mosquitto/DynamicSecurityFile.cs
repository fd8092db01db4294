using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace CitySafeSense.Mqtt.Mosquitto;

/// <summary>The first state of Mosquitto's dynamic security plugin: one administrator, and nobody else may do anything. Written here, since its own tool takes the password on the command line.</summary>
internal static class DynamicSecurityFile
{
    private const int SaltBytes = 12, HashBytes = 64, Iterations = 1000;

    public static string First(string user, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA512, HashBytes);
        return new JsonObject
        {
            ["defaultACLAccess"] = new JsonObject { ["publishClientSend"] = false, ["publishClientReceive"] = false, ["subscribe"] = false, ["unsubscribe"] = true },
            ["clients"] = new JsonArray(new JsonObject
            {
                ["username"] = user,
                ["password"] = Convert.ToBase64String(hash),
                ["salt"] = Convert.ToBase64String(salt),
                ["iterations"] = Iterations,
                ["roles"] = new JsonArray(new JsonObject { ["rolename"] = "admin" }),
            }),
            ["roles"] = new JsonArray(new JsonObject
            {
                ["rolename"] = "admin",
                ["acls"] = new JsonArray([.. new[] { "publishClientSend", "publishClientReceive", "subscribePattern" }.Select(type => (JsonNode)new JsonObject { ["acltype"] = type, ["topic"] = DynamicSecurity.Topics, ["allow"] = true })]),
            }),
        }.ToJsonString();
    }
}
