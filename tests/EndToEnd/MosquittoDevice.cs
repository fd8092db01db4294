using System.Diagnostics;
using System.Globalization;

namespace CitySafeSense.EndToEnd;

/// <summary>A device that is Mosquitto's own clients on a command line, with TLS, user and password.</summary>
internal sealed record MosquittoDevice(string Id, string Password, string Host, int Port, string AuthorityFile)
{
    private const string Root = "citysafesense/v1/devices";

    /// <summary>One message for each line, over one connection.</summary>
    public async Task<(int Code, string Said)> Publish(string device, params string[] lines)
    {
        using var process = Start("mosquitto_pub", "-q", "1", "-t", $"{Root}/{device}/events", "-l");
        foreach (var line in lines) await process.StandardInput.WriteLineAsync(line);
        process.StandardInput.Close();
        var said = await process.StandardError.ReadToEndAsync() + await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }

    /// <summary>Its own acknowledgements; answers when the broker has agreed.</summary>
    public async Task<Subscriber> Listen()
    {
        var subscriber = Subscribe(Id);
        await subscriber.Ready();
        return subscriber;
    }

    /// <remarks>Line by line: into a pipe it would keep its words to itself until there are many.</remarks>
    public Subscriber Subscribe(string device) => new(Start("stdbuf", "-oL", "mosquitto_sub", "-d", "-q", "1", "-t", $"{Root}/{device}/acks"));

    private Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, [
        .. arguments, "--cafile", AuthorityFile, "-h", Host, "-p", Port.ToString(CultureInfo.InvariantCulture), "-u", Id, "-P", Password, "-V", "mqttv5"])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    /// <summary>A mosquitto_sub that lives; its debug lines say what the broker answers.</summary>
    internal sealed class Subscriber(Process process) : IDisposable
    {
        public async Task Ready()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
                if (line.StartsWith("Subscribed", StringComparison.Ordinal)) return;
            throw new InvalidOperationException($"mosquitto_sub ended: {await process.StandardError.ReadToEndAsync()}");
        }

        /// <summary>The next message.</summary>
        public async Task<string> Line(TimeSpan patience)
        {
            using var limit = new CancellationTokenSource(patience);
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
                if (line.StartsWith('{')) return line;
            throw new InvalidOperationException("mosquitto_sub ended without a message");
        }

        /// <summary>All it says until it ends by itself.</summary>
        public async Task<string> Error(TimeSpan patience)
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await Exit(patience);
            return await output + await error;
        }

        public async Task Exit(TimeSpan patience)
        {
            using var limit = new CancellationTokenSource(patience);
            await process.WaitForExitAsync(limit.Token);
        }

        public void Kill() => process.Kill();

        public void Dispose()
        {
            if (!process.HasExited) process.Kill();
            process.Dispose();
        }
    }
}
