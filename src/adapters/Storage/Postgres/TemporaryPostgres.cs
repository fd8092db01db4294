using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace CitySafeSense.Storage;

/// <summary>
/// A PostgreSQL server of one's own: in a temporary folder, on a free port of loopback, with a password drawn for it. For tests,
/// verification and trials; it can be killed and started again, and goes with its folder.
/// </summary>
public sealed class TemporaryPostgres : IAsyncDisposable
{
    private const string User = "citysafe";
    private readonly string folder;
    private readonly string password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly int port;
    private readonly string binaries;
    private Process? server;

    private TemporaryPostgres(string binaries)
    {
        this.binaries = binaries;
        folder = Directory.CreateTempSubdirectory("citysafe-postgres-").FullName;
        port = LoopbackPort.Free();
    }

    /// <summary>Whether a server can be had on this machine.</summary>
    public static bool IsInstalled => Binaries() is not null;

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username={User};Password={password};Database=postgres");

    /// <summary>Returns when it answers and the city's tables are there.</summary>
    /// <exception cref="StorageException">PostgreSQL is not installed, or the server did not start.</exception>
    public static async Task<TemporaryPostgres> Start(CancellationToken cancellation)
    {
        var postgres = new TemporaryPostgres(Binaries() ?? throw new StorageException("PostgreSQL is not installed: apt-get install postgresql"));
        try
        {
            await postgres.Initialise(cancellation).ConfigureAwait(false);
            await postgres.StartServer(cancellation).ConfigureAwait(false);
            await PostgresSchema.Apply(postgres.ConnectionString, cancellation).ConfigureAwait(false);
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>SIGKILL to the server and all of its processes: nothing is flushed, nothing is said.</summary>
    public async Task Kill()
    {
        server!.Kill(entireProcessTree: true);
        await server.WaitForExitAsync().ConfigureAwait(false);
        server.Dispose();
        server = null;
    }

    public async Task StartServer(CancellationToken cancellation)
    {
        server = Process.Start(AsOwner(Path.Combine(binaries, "postgres"), "-D", Data, "-p", port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="))!;
        _ = server.StandardOutput.ReadToEndAsync(cancellation);
        var log = server.StandardError.ReadToEndAsync(cancellation);
        for (var tries = 0; ; tries++)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false;Timeout=2");
                await connection.OpenAsync(cancellation).ConfigureAwait(false);
                return;
            }
            catch (NpgsqlException) when (tries < 300 && !server.HasExited)
            {
                await Task.Delay(50, cancellation).ConfigureAwait(false);
            }
            catch (NpgsqlException e)
            {
                throw new StorageException($"{folder}: the PostgreSQL server did not start: {(server.HasExited ? await log.ConfigureAwait(false) : e.Message)}", e);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (server is { HasExited: false }) await Kill().ConfigureAwait(false);
        NpgsqlConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private string Data => Path.Combine(folder, "data");

    /// <summary>initdb and the server refuse to run as root; then the folder belongs to the account that the package made.</summary>
    private static bool IsRoot => Environment.UserName == "root";

    private async Task Initialise(CancellationToken cancellation)
    {
        var secret = Path.Combine(folder, "password");
        await File.WriteAllTextAsync(secret, password, cancellation).ConfigureAwait(false);
        if (IsRoot) await Run(new ProcessStartInfo("chown", ["-R", "postgres", folder]), cancellation).ConfigureAwait(false);
        await Run(AsOwner(Path.Combine(binaries, "initdb"), "-D", Data, "-U", User, "--auth=scram-sha-256", "--pwfile", secret, "--encoding=UTF8", "--no-locale"), cancellation).ConfigureAwait(false);
    }

    private ProcessStartInfo AsOwner(string program, params string[] arguments)
    {
        var start = IsRoot
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.WorkingDirectory = folder;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        return start;
    }

    private static async Task Run(ProcessStartInfo start, CancellationToken cancellation)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = await process.StandardError.ReadToEndAsync(cancellation).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        if (process.ExitCode != 0) throw new StorageException($"{start.FileName} failed: {errors}{await output.ConfigureAwait(false)}");
    }

    /// <summary>Debian keeps the server's programs out of the path.</summary>
    private static string? Binaries()
    {
        var debian = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(v => Path.Combine(v, "bin")) : [];
        return debian.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')).FirstOrDefault(p => File.Exists(Path.Combine(p, "initdb")) && File.Exists(Path.Combine(p, "postgres")));
    }
}
