using System.Buffers.Binary;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Hotspots;
using CitySafeSense.InProcess;
using CitySafeSense.Numerics;
using CitySafeSense.Sdk;
using CitySafeSense.Sensing;
using CitySafeSense.Silo;
using CitySafeSense.Wire;

namespace CitySafeSense.Cli.Verbs.Privacy;

/// <summary>
/// Two hundred devices with ids made for the purpose live in a real silo; then they are looked for, in any form that can be made of them
/// without the key, wherever cells are stored, in what the silo logs, and in everything it tells of the city.
/// </summary>
internal static partial class PlantedIds
{
    private const int Devices = 200, Owned = 20, BinSeconds = 300;

    /// <summary>Hashes are looked for by their first eight bytes: where one is kept, it is mostly cut.</summary>
    private const int Cut = 8;

    private static readonly DateTimeOffset noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    public static async Task<IReadOnlyList<AttackOutcome>> Seek(bool plant, ulong seed, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("citysafe-").FullName;
        try
        {
            var log = Path.Combine(folder, "silo.log");
            var told = new List<(string Where, byte[] Bytes)>();
            var ids = Ids(seed);
            await using var silo = await SiloProcess.Start(new SiloLaunch(seed, Path.Combine(folder, "data"), plant ? PlantedFault.IdInCell : PlantedFault.None, LogFile: log), cancellation);
            var owned = await Live(silo, ids, folder, told, cancellation);
            await silo.Kill(); // what was in the write-ahead log stays there
            told.AddRange(Stored(folder, "after SIGKILL").Append((log, await File.ReadAllBytesAsync(log, cancellation))));
            return [new("planted_ids", ids.Length, Find(ids, told)), owned];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Ids as devices have them, none like another.</summary>
    private static string[] Ids(ulong seed)
    {
        var rng = Rng.For(seed, "planted ids");
        return [.. Enumerable.Range(0, Devices).Select(i => string.Create(CultureInfo.InvariantCulture, $"phone-{rng.NextUInt64():x16}-{i}"))];
    }

    /// <summary>The devices are heard, in two bins, and a twentieth of the city's devices belong to one owner; everything that is said is written down.</summary>
    private static async Task<AttackOutcome> Live(SiloProcess silo, string[] ids, string folder, List<(string, byte[])> told, CancellationToken cancellation)
    {
        using var http = silo.Http();
        var client = new CitySafeClient(http, silo.OperatorToken);
        await client.SetClock(noon, cancellation);
        var cells = H3.GridDisk(H3.LatLngToCell(City.VirtualCity.Centre, City.VirtualCity.CellResolution), 2).ToArray();
        var (shared, lonely) = (cells[..10], cells[^1]);
        for (var bin = 0; bin < 2; bin++)
        {
            var at = noon.AddSeconds(bin * BinSeconds + 20);
            await client.SetClock(at, cancellation);
            await Send(http, new AuthenticationHeaderValue("Bearer", silo.OperatorToken), ids.Select((id, i) => Event(id, at.AddMilliseconds(i), shared[i % shared.Length], i % 3 == 0 ? ActivityClass.Mugging : ActivityClass.Walking)), cancellation);
            await client.Settle(cancellation);
            told.AddRange(Stored(folder, $"while bin {bin} is open"));
        }
        var credentials = (await client.RegisterDevices(new RegisterDevices([.. Enumerable.Range(0, Owned).Select(i => new DeviceToRegister($"owned-{i}", Owner: "mallory"))]), cancellation)).Credentials;
        foreach (var credential in credentials)
            await Send(http, new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.Device}:{credential.Password}"))), [Event(credential.Device, DateTimeOffset.UtcNow, lonely, ActivityClass.Walking)], cancellation);
        await client.Settle(cancellation);
        var counted = (await client.Counts(lonely.ToString(), cancellation)).Bins.Select(b => b.Contributors).DefaultIfEmpty(0).Max();
        await client.SetClock(noon.AddSeconds(3 * BinSeconds), cancellation);
        await Listen(http, shared, told, cancellation);
        return new("one_owner_over_http", 1, counted == 1 ? [] : [$"{Owned} devices of one owner are {counted} contributors"]);
    }

    /// <summary>Everything that the silo tells of the city, to anybody and to operators.</summary>
    private static async Task Listen(HttpClient http, CellId[] cells, List<(string, byte[])> told, CancellationToken cancellation)
    {
        string[] routes = [Routes.Health, Routes.Hotspots, Routes.Alarms, Routes.AlarmRules, Routes.Rounds, .. cells.Select(c => $"{Routes.Hotspots}/{c}"), .. cells.Select(c => $"{Routes.Hotspots}/{c}/history")];
        foreach (var route in routes) told.Add((route, await http.GetByteArrayAsync(new Uri(route, UriKind.Relative), cancellation)));
        if (told.Count(t => t.Item1.EndsWith("/history", StringComparison.Ordinal)) < cells.Length) throw new CommandFailedException("cells of twenty people were not shown: there was nothing to look through");
    }

    private static async Task Send(HttpClient http, AuthenticationHeaderValue who, IEnumerable<string> events, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Routes.Events) { Content = new StringContent($"[{string.Join(',', events)}]", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = who;
        using var response = await http.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        var answer = response.IsSuccessStatusCode ? JsonSerializer.Deserialize(text, WireJson.Default.IngestAnswer) : null;
        if (answer is null or { Rejected.Count: > 0 }) throw new CommandFailedException($"the silo did not take an event: {text}");
    }

    private static string Event(string device, DateTimeOffset at, CellId cell, ActivityClass activity) =>
        Encoding.UTF8.GetString(DeviceEventJson.Encode(new DeviceEvent(device, at.ToUnixTimeMilliseconds(), activity, 0.9f, new(3, 0), cell.Value)));

    /// <summary>The cells' store as it lies on the disk, write-ahead log and all.</summary>
    private static IEnumerable<(string, byte[])> Stored(string folder, string when)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(folder, "data"), "cells.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            yield return ($"{Path.GetFileName(file)} {when}", bytes[..read]);
        }
    }

    private static List<string> Find(string[] ids, List<(string Where, byte[] Bytes)> told)
    {
        var found = new List<string>();
        foreach (var (where, bytes) in told)
        {
            byte[] decoded = [.. Base64Runs().Matches(Encoding.Latin1.GetString(bytes)).SelectMany(m => Decoded(m.Value))];
            foreach (var id in ids)
                foreach (var (form, pattern) in Forms(id))
                    if (bytes.AsSpan().IndexOf(pattern) >= 0 || decoded.AsSpan().IndexOf(pattern) >= 0) found.Add($"{where}: the {form} of {id}");
        }
        return found;
    }

    /// <summary>What anybody can make of an id.</summary>
    private static IEnumerable<(string Form, byte[] Pattern)> Forms(string id)
    {
        var bytes = Encoding.UTF8.GetBytes(id);
        yield return ("id", bytes);
        yield return ("UTF-16", Encoding.Unicode.GetBytes(id));
        yield return ("hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes)));
        yield return ("upper-case hex", Encoding.ASCII.GetBytes(Convert.ToHexString(bytes)));
        for (var shift = 0; shift < 3; shift++) // wherever it begins in what was encoded
            yield return ("base64", Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes[shift..])[..^4]));
        var stable = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(stable, StableHash.Of(id));
        foreach (var (name, hash) in new[] { ("SHA-256", SHA256.HashData(bytes)), ("SHA-1", SHA1.HashData(bytes)), ("MD5", MD5.HashData(bytes)), ("stable hash", stable) })
        {
            var cut = hash[..Cut];
            byte[] turned = [.. cut.Reverse()];
            foreach (var (order, some) in new[] { ("", cut), (", turned", turned) })
            {
                yield return ($"{name}{order}", some);
                yield return ($"{name}{order} in hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(some)));
                yield return ($"{name}{order} in upper-case hex", Encoding.ASCII.GetBytes(Convert.ToHexString(some)));
                yield return ($"{name}{order} as a number", Encoding.ASCII.GetBytes(BinaryPrimitives.ReadUInt64LittleEndian(some).ToString(CultureInfo.InvariantCulture)));
            }
            yield return ($"{name} in base64", Encoding.ASCII.GetBytes(Convert.ToBase64String(hash)[..10]));
        }
    }

    /// <summary>States are JSON, and bytes in it base64.</summary>
    private static byte[] Decoded(string run)
    {
        var whole = run[..(run.Length / 4 * 4)];
        var bytes = new byte[whole.Length / 4 * 3];
        return Convert.TryFromBase64String(whole, bytes, out var length) ? bytes[..length] : [];
    }

    [GeneratedRegex("[A-Za-z0-9+/]{24,}={0,2}")]
    private static partial Regex Base64Runs();
}
