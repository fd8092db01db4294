using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;

namespace CitySafeSense.City;

/// <summary>More people in a cell for half an hour than there would be.</summary>
/// <param name="Deviations">Of the cell's own half-hour count: how large it is.</param>
public readonly record struct FlowIncident(int Cell, int Bin, int Deviations, int People);

/// <summary>
/// The flows of a large virtual city as counts: how many people are in each cell in each five minutes. Every cell has a rate and
/// a week of its own; people come in groups, so that the variance is one and a half times the mean. Rain, strikes, concerts and
/// late buses change flows and harm nobody; incidents are planted after the warm-up.
/// </summary>
public sealed class FlowCity
{
    public const int BinMinutes = 5, BinsPerDay = 288, IncidentBins = 6;
    public const double Dispersion = 1.5;
    private const int Kinds = 3, NightBins = 4 * 12;
    private const double GroupShare = 1 - 1 / Dispersion;
    private readonly double[] rates;
    private readonly int[] kinds;
    private readonly Rng[] draws;
    private readonly ScanZones zones;
    private readonly List<Benign> events = [];
    private readonly Dictionary<(int Cell, int Bin), int> planted = [];

    /// <param name="warmUpDays">Without incidents.</param>
    public FlowCity(int cells, int warmUpDays, int days, int incidents, ulong seed)
    {
        if (cells is < 19 or > 10_000) throw new ArgumentException("a city of flows has 19 to 10000 cells");
        if (warmUpDays is < 7 or > 400 || days is < 1 or > 400) throw new ArgumentException("warm-up days must be 7 to 400, days 1 to 400");
        if (incidents < 0 || incidents > cells) throw new ArgumentException("there are at most as many incidents as cells");
        var radius = (int)Math.Ceiling(Math.Sqrt(cells / 3.0));
        Cells = [.. H3.GridDisk(H3.LatLngToCell(VirtualCity.Centre, VirtualCity.CellResolution), radius).Take(cells)];
        zones = new ScanZones(Cells, 2);
        (WarmUpBins, Bins) = (warmUpDays * BinsPerDay, (warmUpDays + days) * BinsPerDay);
        var rng = Rng.For(seed, "flow city");
        rates = [.. Enumerable.Range(0, cells).Select(i => 60 * Elementary.Exp(-1.0 * Math.Sqrt(i / (double)cells)) * Elementary.Exp(rng.Gaussian(0, 0.6)))];
        kinds = [.. Enumerable.Range(0, cells).Select(_ => rng.NextInt(Kinds))];
        draws = [.. Cells.Select(c => Rng.For(seed, "flow", c.ToString()))];
        PlanBenign(Rng.For(seed, "benign"));
        Incidents = PlanIncidents(incidents, Rng.For(seed, "flow incidents"));
    }

    public IReadOnlyList<CellId> Cells { get; }
    public int WarmUpBins { get; }
    public int Bins { get; }
    public IReadOnlyList<FlowIncident> Incidents { get; }

    /// <summary>In a cell in five minutes, on average over cells and an ordinary week.</summary>
    public double UsualPeople => Enumerable.Range(0, Kinds).Average(k => Enumerable.Range(0, 7 * BinsPerDay).Average(b => Shape(k, b))) * rates.Average();

    /// <summary>In one cell and bin, on average over ordinary weeks.</summary>
    public double Usual(int cell, int bin) => rates[cell] * Shape(kinds[cell], bin);

    /// <summary>The next bin's counts; bins come in their order.</summary>
    public void Next(int bin, Span<int> counts)
    {
        Benign[] now = [.. events.Where(e => bin >= e.Start && bin < e.End)];
        double[] shapes = [.. Enumerable.Range(0, Kinds).Select(k => Shape(k, bin))];
        for (var cell = 0; cell < counts.Length; cell++)
        {
            var mean = rates[cell] * shapes[kinds[cell]];
            foreach (var benign in now) mean *= benign.Factor(cell, bin);
            counts[cell] = Draw(draws[cell], mean) + planted.GetValueOrDefault((cell, bin));
        }
    }

    /// <summary>The week of homes, of work and of leisure, as a factor of a cell's rate.</summary>
    private static double Shape(int kind, int bin)
    {
        var (hour, day) = (bin % BinsPerDay / 12.0, (bin + 7 * BinsPerDay - NightBins) / BinsPerDay % 7); // a night belongs to the day before
        var weekend = day >= 5;
        return kind switch
        {
            0 => 0.3 + Peak(hour, 7.5, 1.5) * (weekend ? 0.4 : 1) + 0.9 * Peak(hour, 19, 2.5),
            1 => 0.1 + (weekend ? 0.2 : 1) * (Peak(hour, 9, 1.5) + 0.8 * Peak(hour, 13, 2) + Peak(hour, 18, 1.5)),
            _ => 0.15 + 0.5 * Peak(hour, 14, 3) + (weekend ? 1.4 : 0.7) * Peak(hour, 21, 2.5),
        };
    }

    private static double Peak(double hour, double at, double width)
    {
        var d = Math.Min(Math.Abs(hour - at), 24 - Math.Abs(hour - at)) / width;
        return Elementary.Exp(-0.5 * d * d);
    }

    private void PlanBenign(Rng rng)
    {
        var days = Bins / BinsPerDay;
        void Add(double perDay, Func<Benign> make)
        {
            for (var day = 0; day < days; day++)
                if (rng.Chance(perDay)) events.Add(make() with { Start = day * BinsPerDay, End = (day + 1) * BinsPerDay });
        }
        Add(0.15, () => Spell(12 * (1 + rng.NextInt(4)), Rain));
        Add(0.03, () => new Benign(0, 0, 0, BinsPerDay, Everywhere(cell => kinds[cell] == 1 ? 0.6 : 1.1)));
        Add(0.3, () => Spell(36 + rng.NextInt(24), Concert(rng.NextInt(Cells.Count), rng.Uniform(1, 4))));
        Add(1, () => Spell(6 + rng.NextInt(6), LateBus(rng.NextInt(Cells.Count), 5 + rng.NextInt(8))));

        // Begins and ends within its day.
        Benign Spell(int bins, Func<Dictionary<int, double>> factors)
        {
            var from = 6 * 12 + rng.NextInt(BinsPerDay - 6 * 12 - bins);
            return new Benign(0, 0, from, from + bins, factors());
        }

        Dictionary<int, double> Everywhere(Func<int, double> factor) => Enumerable.Range(0, Cells.Count).ToDictionary(i => i, factor);

        Dictionary<int, double> Rain()
        {
            var factor = rng.Uniform(0.6, 0.85);
            return Everywhere(_ => factor);
        }

        Func<Dictionary<int, double>> Concert(int centre, double crowd)
        {
            var factors = new Dictionary<int, double>();
            for (var steps = 0; steps <= zones.RadiusMax; steps++)
                foreach (var cell in zones.Ring(centre, steps)) factors[cell] = 1 + crowd * Elementary.Exp(-0.5 * steps * steps);
            return () => factors;
        }

        Func<Dictionary<int, double>> LateBus(int from, int length)
        {
            var (line, at) = (new Dictionary<int, double> { [from] = 0.65 }, from);
            for (var i = 0; i < length; i++)
            {
                var next = zones.Disk(at, 1);
                line[at = next[rng.NextInt(next.Length)]] = 0.65;
            }
            return () => line;
        }
    }

    /// <summary>Each in a cell of its own, at any hour: 3, 6 and 12 deviations in turn.</summary>
    private List<FlowIncident> PlanIncidents(int count, Rng rng)
    {
        int[] cells = [.. Enumerable.Range(0, Cells.Count)];
        rng.Shuffle<int>(cells);
        var incidents = new List<FlowIncident>();
        for (var n = 0; n < count; n++)
        {
            var (cell, bin, size) = (cells[n], WarmUpBins + rng.NextInt(Bins - WarmUpBins - IncidentBins), new[] { 3, 6, 12 }[n % 3]);
            var usual = Enumerable.Range(bin, IncidentBins).Sum(b => Usual(cell, b));
            var people = (int)Math.Ceiling(size * Math.Sqrt(Dispersion * usual));
            for (var p = 0; p < people; p++)
            {
                var at = (cell, bin + rng.NextInt(IncidentBins));
                planted[at] = planted.GetValueOrDefault(at) + 1;
            }
            incidents.Add(new(cell, bin, size, people));
        }
        return incidents;
    }

    /// <summary>Groups by Poisson, their sizes logarithmic: together negative binomial (Quenouille 1949).</summary>
    private static int Draw(Rng rng, double mean)
    {
        var groups = mean / Dispersion * -Elementary.Log(1 - GroupShare) / GroupShare;
        var (people, product, limit) = (0, rng.NextDouble(), Elementary.Exp(-groups));
        for (; product > limit; product *= rng.NextDouble())
        {
            var (u, size, share) = (rng.NextDouble(), 1, GroupShare / -Elementary.Log(1 - GroupShare));
            for (; u > share && size < 64; size++)
            {
                u -= share;
                share *= GroupShare * size / (size + 1);
            }
            people += size;
        }
        return people;
    }

    /// <param name="From">Bin of the day.</param>
    private sealed record Benign(int Start, int End, int From, int To, IReadOnlyDictionary<int, double> Factors)
    {
        private const int Ramp = 6;

        /// <summary>Comes and goes within half an hour.</summary>
        public double Factor(int cell, int bin)
        {
            var at = bin - Start;
            if (at < From || at >= To || !Factors.TryGetValue(cell, out var factor)) return 1;
            var share = Math.Min(1, Math.Min(at - From + 1, To - at) / (double)Ramp);
            return 1 + (factor - 1) * share;
        }
    }
}
