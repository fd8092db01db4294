using CitySafeSense.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

// A client of the cluster, outside of it: asks one hotspot cell what it has counted, as an operator's tool would.
// What it gets is the inside view, before any release; the public one is the HTTP API's.
//
//   CITYSAFE_POSTGRES="Host=..." OrleansSample CLUSTER CELL
if (args is not [var cluster, var cell] || Environment.GetEnvironmentVariable("CITYSAFE_POSTGRES") is not { Length: > 0 } postgres)
{
    await Console.Error.WriteLineAsync("use: CITYSAFE_POSTGRES=\"Host=...;Username=...;Password=...;Database=...\" OrleansSample CLUSTER CELL");
    return 2;
}
var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Error).AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
builder.UseOrleansClient(client =>
{
    client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = ("Npgsql", postgres));
    client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster, "citysafe"));
    client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
});
using var host = builder.Build();
await host.StartAsync();
var view = await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IHotspotCellGrain>(cell).View();
Console.WriteLine($"cell {view.Cell}: {view.Counted} windows counted, {view.Late} came too late, {view.Open.Length} bins open, {view.Closed.Length} closed");
foreach (var bin in view.Closed)
    Console.WriteLine($"  {DateTimeOffset.FromUnixTimeSeconds(bin.StartUnixSeconds):yyyy-MM-dd HH:mm}  {bin.Windows.Sum() + bin.Unclassified,6} windows  {bin.Contributors,5} contributors");
await host.StopAsync();
return 0;
