using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using CitySafeSense.City;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Wire;

namespace CitySafeSense.Load;

/// <summary>What a run did.</summary>
/// <param name="Resent">Windows sent again because no answer came.</param>
/// <param name="Start">When the virtual day began.</param>
/// <param name="Reasons">Rejected windows by reason.</param>
public sealed record LoadReport(
    long Windows, long Accepted, long Duplicates, long Rejected, long Resent, long TrueIncidents, double Seconds, double WindowsPerSecond,
    DateTimeOffset Start, IReadOnlyList<IncidentReport> Incidents, IReadOnlyDictionary<string, long> Reasons);

public sealed record IncidentReport(string Cell, DateTimeOffset Start, DateTimeOffset End, double Share);

/// <summary>
/// Lives a virtual city against a silo's HTTP API: in every step each resident sends one window; the step is over when all are
/// acknowledged, then the city's clock moves on. What is not acknowledged is sent again, as a device would.
/// </summary>
public sealed class LoadGenerator(LoadOptions options, HttpClient http, Ledger? ledger = null)
{
    private readonly object gate = new();
    private readonly SortedDictionary<string, long> reasons = new(StringComparer.Ordinal);
    private long accepted, duplicates, rejected, resent, trueIncidents;
    private volatile bool stop;
    private DateTimeOffset start;

    /// <summary>Ends the run early, with everything sent so far acknowledged.</summary>
    public void StopAfterThisStep() => stop = true;

    /// <param name="progress">Called after every step with windows sent so far and in all.</param>
    /// <param name="betweenSteps">What the city waits for after every step.</param>
    public async Task<LoadReport> Run(Action<long, long>? progress, CancellationToken cancellation, Func<CancellationToken, Task>? betweenSteps = null)
    {
        options.Validate();
        start = await Begin(cancellation);
        var city = new VirtualCity(options.Cells);
        // A city that goes on is lived in by the same devices, restarted: their messages are new ones.
        var epoch = (ulong)start.ToUnixTimeSeconds();
        Resident[] residents = [.. Enumerable.Range(0, options.Devices).Select(i => new Resident(city, options.Seed, i, options.DrillShare, epoch))];
        var incidents = PlanIncidents(city);
        var steps = (int)Math.Ceiling(options.Minutes * 60 / options.SecondsBetweenWindows);
        var (started, windows) = (Stopwatch.GetTimestamp(), 0L);
        if (options.IsStepped) await SetClock(start, cancellation);
        for (var step = 0; step < steps && !stop; step++)
        {
            var now = start.AddSeconds((step + 1) * options.SecondsBetweenWindows);
            await Parallel.ForEachAsync(residents.Chunk(options.WindowsPerRequest), new ParallelOptions { MaxDegreeOfParallelism = options.Connections, CancellationToken = cancellation }, async (some, token) =>
            {
                (byte[] Frame, Hotspots.CellId Cell, ActivityClass Truth)[] sent = [.. some.Select(r => r.Next(now, options.SecondsBetweenWindows, incidents))];
                Interlocked.Add(ref trueIncidents, sent.Count(s => ActivityClasses.IsIncident(s.Truth)));
                await Deliver([.. sent.Select(s => (s.Frame, s.Cell.ToString()))], token);
            });
            windows += residents.Length;
            await SetClock(now, cancellation);
            if (betweenSteps is not null) await betweenSteps(cancellation);
            progress?.Invoke(windows, (long)steps * residents.Length);
            await Pace(windows, started, cancellation);
        }
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        // The last bins close when their lateness has passed.
        await SetClock(start.AddMinutes(options.Minutes).AddMinutes(10), cancellation);
        return new LoadReport(
            windows, accepted, duplicates, rejected, resent, trueIncidents, seconds, windows / seconds, start,
            [.. incidents.Select(i => new IncidentReport(i.Cell.ToString(), i.Start, i.End, i.Share))], reasons);
    }

    /// <summary>When this run's day begins: a city that was lived in before goes on, at its next quarter of an hour, for its time never goes back.</summary>
    /// <exception cref="LoadException">The silo is not one for virtual people.</exception>
    private async Task<DateTimeOffset> Begin(CancellationToken cancellation)
    {
        var (health, _) = await Ask(HttpMethod.Get, Routes.Health, null, async response => (await response.Content.ReadFromJsonAsync(WireJson.Default.HealthAnswer, cancellation))!, cancellation);
        if (health.Privacy != "simulation")
            throw new LoadException($"{options.Target} runs with --privacy {health.Privacy}, and virtual people are never mixed with real ones: start a silo for them with `citysafe serve --privacy simulation --data FOLDER`");
        if (health.CityTime <= options.Start) return options.Start;
        const long quarter = 15 * 60;
        return DateTimeOffset.FromUnixTimeSeconds((health.CityTime.ToUnixTimeSeconds() + quarter) / quarter * quarter);
    }

    /// <summary>Incidents in different cells, each over the middle third of the run.</summary>
    private Incident[] PlanIncidents(VirtualCity city)
    {
        var rng = Rng.For(options.Seed, "incidents");
        Hotspots.CellId[] cells = [.. city.Cells.Take(19)]; // where people are
        rng.Shuffle<Hotspots.CellId>(cells);
        var third = TimeSpan.FromMinutes(options.Minutes / 3);
        return [.. cells.Take(options.Incidents).Select(c => new Incident(c, start + third, start + third + third, 0.5))];
    }

    private async Task Deliver((byte[] Frame, string Cell)[] windows, CancellationToken cancellation)
    {
        var body = new byte[windows.Sum(w => 4 + w.Frame.Length)];
        var at = 0;
        foreach (var (frame, _) in windows)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(at), (uint)frame.Length);
            frame.CopyTo(body, at + 4);
            at += 4 + frame.Length;
        }
        var (answer, tries) = await Post(
            Routes.Windows,
            Content,
            async response => (await response.Content.ReadFromJsonAsync(WireJson.Default.IngestAnswer, cancellation))!, cancellation);
        if (options.RepeatShare > 0 && Rng.For(options.Seed, "repeat", windows[0].Cell, Convert.ToHexString(windows[0].Frame.AsSpan(20, 16))).Chance(options.RepeatShare))
        {
            // What was just acknowledged is a duplicate now; anything else shows in the cells' counts.
            await Post(Routes.Windows, Content, cancellation);
            Interlocked.Add(ref resent, windows.Length);
        }
        var refused = answer.Rejected.Select(r => r.Index).ToHashSet();
        for (var i = 0; i < windows.Length; i++)
            if (!refused.Contains(i)) ledger?.Acknowledge(windows[i].Cell);
        lock (gate)
        {
            accepted += answer.Accepted;
            duplicates += answer.Duplicates;
            rejected += answer.Rejected.Count;
            resent += (tries - 1) * windows.Length;
            foreach (var reason in answer.Rejected) reasons[reason.Reason] = reasons.GetValueOrDefault(reason.Reason) + 1;
        }

        ByteArrayContent Content() => new(body) { Headers = { ContentType = new MediaTypeHeaderValue(Routes.WindowFrames) } };
    }

    private Task SetClock(DateTimeOffset now, CancellationToken cancellation) =>
        Post(Routes.SimulationClock, () => JsonContent.Create(new SetClock(now, options.IsStepped), WireJson.Default.SetClock), cancellation);

    private Task Post(string route, Func<HttpContent> content, CancellationToken cancellation) => Post(route, content, _ => Task.FromResult(true), cancellation);

    private Task<(T Answer, int Tries)> Post<T>(string route, Func<HttpContent> content, Func<HttpResponseMessage, Task<T>> read, CancellationToken cancellation) =>
        Ask(HttpMethod.Post, route, content, read, cancellation);

    /// <summary>Asks until it is answered: the silo may be down for a while.</summary>
    private async Task<(T Answer, int Tries)> Ask<T>(HttpMethod method, string route, Func<HttpContent>? content, Func<HttpResponseMessage, Task<T>> read, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            try
            {
                using var request = new HttpRequestMessage(method, new Uri(options.Target, route)) { Content = content?.Invoke() };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.OperatorToken);
                using var response = await http.SendAsync(request, cancellation);
                // A batch of which nothing was taken is answered like any other: with what became of each.
                if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.UnprocessableEntity) return (await read(response), tries);
                if (response.StatusCode == HttpStatusCode.Unauthorized) throw new LoadException($"{options.Target} does not take this token: give --token the file keys/operator.token of that silo's data folder, or set CITYSAFE_TOKEN to it");
                if ((int)response.StatusCode is >= 400 and < 500)
                    throw new LoadException($"{options.Target} refused {route}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellation)}");
            }
            catch (Exception e) when (e is HttpRequestException or IOException && Stopwatch.GetElapsedTime(started) < options.GiveUpAfter)
            {
                // down or restarting: what was not acknowledged is sent again
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                throw new LoadException($"{options.Target} has not answered for {options.GiveUpAfter.TotalSeconds:0} s ({e.Message}): is a silo running there?");
            }
            await Task.Delay(Math.Min(50 * tries, 500), cancellation);
        }
    }

    private async Task Pace(long windows, long started, CancellationToken cancellation)
    {
        if (options.WindowsPerSecond <= 0) return;
        var ahead = windows / options.WindowsPerSecond - Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (ahead > 0) await Task.Delay(TimeSpan.FromSeconds(ahead), cancellation);
    }
}

/// <summary>The run cannot go on; the message says what to do.</summary>
public sealed class LoadException(string message) : Exception(message);
