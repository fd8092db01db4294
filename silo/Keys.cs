using System.Security.Cryptography;
using System.Text;

namespace CitySafeSense.Silo;

/// <summary>The secrets of a silo, each in its own file that only the owner may read; made when missing.</summary>
public sealed class Keys
{
    private readonly byte[] ingestToken;
    private readonly byte[] operatorToken;

    /// <param name="keysFolder">Made when missing; silos of one cluster share it.</param>
    public Keys(string keysFolder)
    {
        var folder = Directory.CreateDirectory(keysFolder).FullName;
        ingestToken = Encoding.ASCII.GetBytes(Token(folder, IngestTokenFile));
        operatorToken = Encoding.ASCII.GetBytes(Token(folder, OperatorTokenFile));
        BrokerAdmin = Token(folder, "broker-admin.password");
        BrokerIngest = Token(folder, "broker-ingest.password");
        Pseudonyms = Convert.FromHexString(Token(folder, "pseudonym.key"));
    }

    public const string IngestTokenFile = "ingest.token";
    public const string OperatorTokenFile = "operator.token";

    /// <summary>Of the administrator of a broker of our own.</summary>
    public string BrokerAdmin { get; }

    /// <summary>With which silos read from the broker.</summary>
    public string BrokerIngest { get; }

    /// <summary>32 bytes.</summary>
    public byte[] Pseudonyms { get; }

    public bool MayIngest(string? authorization) => Matches(authorization, ingestToken) || MayOperate(authorization);

    public bool MayOperate(string? authorization) => Matches(authorization, operatorToken);

    private static bool Matches(string? authorization, byte[] token) =>
        authorization is not null && authorization.StartsWith("Bearer ", StringComparison.Ordinal)
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(authorization["Bearer ".Length..].Trim()), token);

    private static string Token(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (File.Exists(path)) return File.ReadAllText(path).Trim();
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        // Written beside and renamed, so that no half-written secret is ever read; readable by its owner from the first byte.
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var beside = $"{path}.{Environment.ProcessId}";
        using (var writer = new StreamWriter(beside, Encoding.ASCII, options)) writer.Write(token);
        try
        {
            File.Move(beside, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(beside); // a silo beside this one was first: its secret is everybody's
        }
        return File.ReadAllText(path).Trim();
    }
}
