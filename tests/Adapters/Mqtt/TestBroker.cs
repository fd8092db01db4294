using System.Text.Json.Nodes;
using CitySafeSense.Mqtt;
using CitySafeSense.Mqtt.Mosquitto;

namespace CitySafeSense.Tests.Mqtt;

/// <summary>A Mosquitto in a temporary folder, on a free port of loopback, with an administrator and users as asked for.</summary>
internal sealed class TestBroker : IAsyncDisposable
{
    private const string Admin = "admin", Password = "a password for tests";
    private readonly string folder;

    private TestBroker(string folder, MosquittoBroker broker) => (this.folder, Broker) = (folder, broker);

    public MosquittoBroker Broker { get; }

    public static async Task<TestBroker> Start(Func<MosquittoOptions, MosquittoOptions>? change = null)
    {
        var folder = Directory.CreateTempSubdirectory("citysafe-broker-").FullName;
        var options = new MosquittoOptions { Folder = folder, Listen = new(System.Net.IPAddress.Loopback, 0), AdminUser = Admin, AdminPassword = Password };
        return new TestBroker(folder, await MosquittoBroker.Start(change?.Invoke(options) ?? options, TimeProvider.System));
    }

    public MqttOptions As(string user, string? password = null) => new()
    {
        Host = Broker.Host,
        Port = Broker.Port,
        Tls = MqttTls.FromFiles(Broker.AuthorityFile),
        User = user,
        Password = password ?? $"{user}'s password",
    };

    public async Task<DynamicSecurity> Rights() => await DynamicSecurity.Connect(As(Admin, Password), TimeProvider.System);

    /// <summary>A user who may publish and subscribe to topics that begin with theirs, and to shared ones.</summary>
    public async Task Add(params string[] users)
    {
        await using var rights = await Rights();
        var errors = await rights.Execute([.. users.SelectMany(u => new[] { Role(u), User(u) })]);
        Assert.All(errors, Assert.Null);
    }

    /// <summary>The same while the broker is down for a moment.</summary>
    public Task AddWhileDown(params string[] users) => Broker.Add(users.SelectMany(u => new[] { Role(u), User(u) }));

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static JsonObject Role(string user) => new()
    {
        ["command"] = "createRole",
        ["rolename"] = user,
        ["acls"] = new JsonArray([.. new[] { "publishClientSend", "publishClientReceive", "subscribePattern" }.SelectMany(type => new[] { $"{user}/#", "all/#", "$share/readers/all/#" }.Select(topic =>
            (JsonNode)new JsonObject { ["acltype"] = type, ["topic"] = topic, ["allow"] = true }))]),
    };

    private static JsonObject User(string user) => new()
    {
        ["command"] = "createClient",
        ["username"] = user,
        ["password"] = $"{user}'s password",
        ["roles"] = new JsonArray(new JsonObject { ["rolename"] = user }),
    };
}
