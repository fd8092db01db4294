using System.Text.Json;
using System.Text.Json.Nodes;

namespace CitySafeSense.Mqtt.Mosquitto;

/// <summary>Commands to Mosquitto's dynamic security plugin, many in a message: over a connection of its own, as an administrator.</summary>
public sealed class DynamicSecurity : IAsyncDisposable
{
    internal const string Topics = "$CONTROL/dynamic-security/#";
    private const string Commands = "$CONTROL/dynamic-security/v1", Answers = "$CONTROL/dynamic-security/v1/response";
    private const int CommandsPerMessage = 200;
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);
    private readonly MqttClient client;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim one = new(1);
    private TaskCompletionSource<byte[]> answer = new();

    private DynamicSecurity(MqttOptions options, TimeProvider time)
    {
        this.time = time;
        client = new MqttClient(options, message =>
        {
            answer.TrySetResult(message.Payload);
            return message.Acknowledge();
        }, time);
    }

    /// <exception cref="MqttException">The broker cannot be reached, or refuses.</exception>
    public static async Task<DynamicSecurity> Connect(MqttOptions options, TimeProvider time, CancellationToken cancellation = default)
    {
        var security = new DynamicSecurity(options, time);
        try
        {
            await security.client.Connect(cancellation);
            await security.client.Subscribe([(Answers, MqttQuality.AtLeastOnce)], cancellation);
            return security;
        }
        catch
        {
            await security.DisposeAsync();
            throw;
        }
    }

    /// <summary>Carries out commands in their order; one that fails does not keep the others from being tried.</summary>
    /// <param name="progress">Called with how many are done.</param>
    /// <returns>For each command what went wrong, or nothing.</returns>
    /// <exception cref="MqttException">The broker does not answer.</exception>
    public async Task<IReadOnlyList<string?>> Execute(IReadOnlyList<JsonObject> commands, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        var errors = new List<string?>(commands.Count);
        await one.WaitAsync(cancellation);
        try
        {
            foreach (var some in commands.Chunk(CommandsPerMessage))
            {
                answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
                var message = new JsonObject { ["commands"] = new JsonArray([.. some]) };
                await client.Publish(Commands, JsonSerializer.SerializeToUtf8Bytes(message), MqttQuality.AtLeastOnce, cancellation: cancellation);
                errors.AddRange(Errors(await answer.Task.WaitAsync(patience, time, cancellation), some.Length));
                progress?.Invoke(errors.Count);
            }
        }
        catch (TimeoutException e)
        {
            throw new MqttException($"the broker's dynamic security does not answer within {patience.TotalSeconds:0} s: is the plugin loaded, and may this user use it?", e);
        }
        finally
        {
            one.Release();
        }
        return errors;
    }

    public ValueTask DisposeAsync()
    {
        one.Dispose();
        return client.DisposeAsync();
    }

    private static IEnumerable<string?> Errors(byte[] answer, int count)
    {
        var responses = JsonNode.Parse(answer)?["responses"] as JsonArray;
        if (responses is null || responses.Count != count) throw new MqttException($"the broker's dynamic security answered {responses?.Count ?? 0} of {count} commands");
        return responses.Select(r => (string?)r?["error"]);
    }
}
