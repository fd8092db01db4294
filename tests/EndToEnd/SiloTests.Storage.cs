using System.Net;
using System.Net.Http.Json;
using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;
using CitySafeSense.Sdk;
using CitySafeSense.Silo;
using CitySafeSense.Storage;
using CitySafeSense.Tests.Storage;
using CitySafeSense.Wire;

namespace CitySafeSense.EndToEnd;

/// <summary>A silo whose storage fails under it.</summary>
public sealed partial class SiloTests
{
    [Fact]
    public async Task Damaged_store_degrades_health_and_recovers_by_itself_when_the_file_is_sound_again()
    {
        var store = Path.Combine(folder, "ingest.db");
        Assert.Equal(1, (await Post([Frame("phone-1", 1)])).Accepted);
        await Operator().Settle();
        // The log too: from it alone the file would be made whole again.
        await File.WriteAllBytesAsync(store, new byte[8192]);
        await File.WriteAllBytesAsync(store + "-wal", new byte[8192]);

        using var refused = await Send(Batch([Frame("phone-1", 2)]), Token(Keys.IngestTokenFile));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("storage does not answer", await refused.Content.ReadAsStringAsync());
        using var sick = await http.GetAsync(Routes.Health);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, sick.StatusCode);
        var health = (await sick.Content.ReadFromJsonAsync(WireJson.Default.HealthAnswer))!;
        Assert.Equal("degraded", health.Status);
        Assert.Equal(["ingest"], health.Degraded);

        // What a sound file is, another database of the same kind shows; what waited in it had already reached its cells.
        File.Delete(store + "-wal");
        File.Delete(store + "-shm");
        File.Delete(store);
        using (new SqliteDatabase(store, SqliteObservationLog.Schema))
        {
        }
        for (var i = 0; i < 100 && (await http.GetAsync(Routes.Health)).StatusCode != HttpStatusCode.OK; i++) await Task.Delay(100);
        Assert.Equal("ok", (await new CitySafeClient(http).Health()).Status);
        Assert.Equal(1, (await Post([Frame("phone-2", 1)])).Accepted);
    }

    [PostgresFact]
    public async Task Database_server_that_goes_away_degrades_health_and_work_goes_on_when_it_is_back()
    {
        await Stop();
        await using var postgres = await TemporaryPostgres.Start(CancellationToken.None);
        await Start(PrivacyMode.Simulation, postgres.ConnectionString);
        Assert.Equal(1, (await Post([Frame("phone-1", 1)])).Accepted);
        await Operator().Settle();

        await postgres.Kill();
        using var refused = await Send(Batch([Frame("phone-1", 2)]), Token(Keys.IngestTokenFile));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        using var sick = await http.GetAsync(Routes.Health);
        var health = (await sick.Content.ReadFromJsonAsync(WireJson.Default.HealthAnswer))!;
        Assert.Equal("degraded", health.Status);
        foreach (var name in new[] { "devices", "ingest", "cells" }) Assert.Contains(name, health.Degraded);

        await postgres.StartServer(CancellationToken.None);
        for (var i = 0; i < 100 && (await http.GetAsync(Routes.Health)).StatusCode != HttpStatusCode.OK; i++) await Task.Delay(100);
        Assert.Equal("ok", (await new CitySafeClient(http).Health()).Status);
        var again = await Post([Frame("phone-1", 1), Frame("phone-1", 2)]);
        Assert.Equal((1, 1), (again.Accepted, again.Duplicates));
        await Operator().Settle();
        Assert.Equal(2, (await Operator().Counts(new CellId(Se).ToString())).Counted);
        await Stop();
        await Start(PrivacyMode.Simulation); // back on its files, for whoever stops it
    }
}
