using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;

namespace CitySafeSense.InProcess;

/// <summary>What an attack was, how often it was tried, and how often it came through.</summary>
public sealed record AttackOutcome(string Name, int Tries, IReadOnlyList<string> Violations);

/// <summary>Attacks on what is released of people, each against a small city of its own. An attack that comes through is a violation.</summary>
public static class PrivacyAttacks
{
    private const int Hour = 3600, Closed = PrivacyWorld.BinSeconds + PrivacyWorld.LatenessSeconds;

    private static readonly SortedList<string, Func<PrivacyPlant, ulong, Task<(int, IReadOnlyList<string>)>>> attacks = new(StringComparer.Ordinal)
    {
        ["k_minus_one"] = KMinusOne,
        ["differencing"] = Differencing,
        ["averaging"] = Averaging,
        ["one_owner"] = OneOwner,
        ["replayed_pseudonym"] = ReplayedPseudonym,
        ["parent_minus_children"] = ParentMinusChildren,
        ["late_data"] = LateData,
        ["crash_before_publishing"] = CrashBeforePublishing,
        ["alarm_flips"] = AlarmFlips,
        ["overlapping_boxes"] = OverlappingBoxes,
    };

    public static IEnumerable<string> Names => attacks.Keys;

    public static async Task<AttackOutcome> Try(string name, PrivacyPlant plant, ulong seed)
    {
        var (tries, violations) = await attacks[name](plant, seed);
        return new(name, tries, violations);
    }

    /// <summary>Nine people, in many bins of a simulation and in an hour of production.</summary>
    private static async Task<(int, IReadOnlyList<string>)> KMinusOne(PrivacyPlant plant, ulong seed)
    {
        const int bins = 20;
        var violations = new List<string>();
        await using (var world = new PrivacyWorld(PrivacyMode.Simulation, plant, seed))
            for (var bin = 0; bin < bins; bin++)
            {
                var at = PrivacyWorld.Noon + bin * PrivacyWorld.BinSeconds;
                foreach (var place in PrivacyWorld.Places(3)) await world.Hear(place, People($"{place} ", PrivacyWorld.K - 1), at);
                await world.GoTo(at + Closed);
                foreach (var cell in (await world.Look()).Cells) violations.Add($"{cell.Cell} is shown, of {cell.Contributors} contributors");
            }
        await using var production = new PrivacyWorld(PrivacyMode.Production, plant, seed);
        foreach (var place in PrivacyWorld.Places(3)) await production.Hear(place, People($"{place} ", PrivacyWorld.K - 1), PrivacyWorld.Noon);
        await production.GoTo(PrivacyWorld.Noon + Hour + Closed);
        foreach (var cell in (await production.Look()).Cells) violations.Add($"{cell.Cell} is shown in production, of {PrivacyWorld.K - 1} devices");
        return (bins * 3 + 3, violations);
    }

    /// <summary>All but one of a place's devices are the attacker's; from two hours they guess in which of them that one was there.</summary>
    private static async Task<(int, IReadOnlyList<string>)> Differencing(PrivacyPlant plant, ulong seed)
    {
        const int places = 20;
        await using var world = new PrivacyWorld(PrivacyMode.Production, plant, seed);
        var (rng, right) = (Rng.For(seed, "differencing"), 0);
        var many = (int)Math.Ceiling(world.Mechanism.Threshold(PrivacyWorld.K)) + 200;
        var there = PrivacyWorld.Places(places).ToDictionary(p => p, _ => rng.Chance(0.5));
        var shown = new List<Dictionary<string, double>>();
        for (var hour = 0; hour < 2; hour++)
        {
            var at = PrivacyWorld.Noon + hour * Hour;
            foreach (var (place, isThere) in there) await world.Hear(place, People($"{place} ", many + (hour == 1 && isThere ? 1 : 0)), at + Hour / 2);
            await world.GoTo(at + Hour + Closed);
            shown.Add((await world.Look()).Cells.Where(c => c.BinStartUnixSeconds == at).ToDictionary(c => c.Cell, c => c.NoisyDevices ?? 0));
        }
        foreach (var (place, isThere) in there)
        {
            var cell = place.Parent(8).ToString();
            if (!shown.All(s => s.ContainsKey(cell))) return (places, [$"{cell} with {many} devices is not shown: the attack could not be tried"]);
            if (shown[1][cell] - shown[0][cell] > 0.5 == isThere) right++;
        }
        // By chance so many or more are right once in 5,000 cities.
        return (places, right >= 18 ? [$"{right} of {places} devices were found by the difference of two releases"] : []);
    }

    /// <summary>A thousand questions for the same hour.</summary>
    private static async Task<(int, IReadOnlyList<string>)> Averaging(PrivacyPlant plant, ulong seed)
    {
        const int questions = 1000;
        await using var world = new PrivacyWorld(PrivacyMode.Production, plant, seed);
        await world.Hear(PrivacyWorld.Places(1)[0], People("", 300), PrivacyWorld.Noon);
        await world.GoTo(PrivacyWorld.Noon + Hour + Closed);
        var answers = new HashSet<double>();
        for (var n = 0; n < questions; n++)
            if ((await world.Look()).Cells is [{ NoisyDevices: { } shown }]) answers.Add(shown);
        return (questions, answers.Count == 1 ? [] : [$"{questions} questions had {answers.Count} different answers: their mean is {(answers.Count == 0 ? 0 : answers.Average()):F1}"]);
    }

    /// <summary>One owner registers twenty devices in an empty place.</summary>
    private static async Task<(int, IReadOnlyList<string>)> OneOwner(PrivacyPlant plant, ulong seed)
    {
        await using var world = new PrivacyWorld(PrivacyMode.Simulation, plant, seed);
        await world.Hear(PrivacyWorld.Places(1)[0], People("", 20), PrivacyWorld.Noon, owner: "owner/mallory");
        await world.GoTo(PrivacyWorld.Noon + Closed);
        return (1, [.. (await world.Look()).Cells.Select(c => $"{c.Cell} is shown: 20 devices of one owner are {c.Contributors} contributors")]);
    }

    /// <summary>Somebody inside has read the pseudonyms of one bin, and looks for them in the next, and in another place.</summary>
    private static async Task<(int, IReadOnlyList<string>)> ReplayedPseudonym(PrivacyPlant plant, ulong seed)
    {
        const int people = 50;
        await using var world = new PrivacyWorld(PrivacyMode.Simulation, plant, seed);
        var (places, seen) = (PrivacyWorld.Places(2), new List<(string Where, IReadOnlyCollection<ulong> Names)>());
        var violations = new List<string>();
        for (var bin = 0; bin < 4; bin++)
        {
            var (start, place) = (PrivacyWorld.Noon + bin * PrivacyWorld.BinSeconds, places[bin / 2]);
            await world.Hear(place, People("", people), start);
            var names = (await world.Inside(place, start + Closed, start - 1)).SelectMany(b => b.ContributorPseudonyms).ToHashSet();
            if (names.Count != people) violations.Add($"{names.Count} pseudonyms of {people} people: the attack could not be tried");
            foreach (var (where, before) in seen)
                if (before.Count(names.Contains) is > 0 and var known) violations.Add($"{known} pseudonyms of {where} are those of bin {bin} of {place}");
            seen.Add(($"bin {bin} of {place}", names));
            if ((await world.Inside(place, start + Closed, start)).Any(b => b.ContributorPseudonyms.Length > 0)) violations.Add($"{place} still knows pseudonyms of a bin that its region has stored");
        }
        return (seen.Count, violations);
    }

    /// <summary>Small cells beside large ones: what is shown of their parent must be none of what is shown of themselves.</summary>
    private static async Task<(int, IReadOnlyList<string>)> ParentMinusChildren(PrivacyPlant plant, ulong seed)
    {
        const int bins = 40;
        await using var world = new PrivacyWorld(PrivacyMode.Simulation, plant, seed);
        var (rng, violations, siblings) = (Rng.For(seed, "parent"), new List<string>(), PrivacyWorld.Siblings);
        for (var bin = 0; bin < bins; bin++)
        {
            var (at, there) = (PrivacyWorld.Noon + bin * PrivacyWorld.BinSeconds, new Dictionary<string, int>());
            foreach (var cell in siblings)
            {
                there[cell.ToString()] = rng.NextInt(2 * PrivacyWorld.K);
                if (there[cell.ToString()] > 0) await world.Hear(cell, People($"{cell} ", there[cell.ToString()]), at);
            }
            await world.GoTo(at + Closed);
            var cells = (await world.Look()).Cells;
            foreach (var cell in cells.Where(c => c.Contributors < PrivacyWorld.K)) violations.Add($"bin {bin}: {cell.Cell} is shown, of {cell.Contributors} contributors");
            var hidden = there.Where(t => cells.All(c => c.Cell != t.Key)).Sum(t => t.Value);
            foreach (var merged in cells.Where(c => c.Members > 1))
                if (merged.Windows.Sum() != hidden) violations.Add($"bin {bin}: of {merged.Cell} {merged.Windows.Sum()} windows are shown, of its hidden cells there are {hidden}: the rest is shown twice");
        }
        return (bins, violations);
    }

    /// <summary>What comes after an hour was released must not show by what is shown of it then.</summary>
    private static async Task<(int, IReadOnlyList<string>)> LateData(PrivacyPlant plant, ulong seed)
    {
        const int times = 10;
        await using var world = new PrivacyWorld(PrivacyMode.Production, plant, seed);
        var (place, answers) = (PrivacyWorld.Places(1)[0], new HashSet<double>());
        await world.Hear(place, People("", 300), PrivacyWorld.Noon);
        await world.GoTo(PrivacyWorld.Noon + Hour + Closed);
        for (var n = 0; n < times; n++)
        {
            foreach (var cell in (await world.Look()).Cells) answers.Add(cell.NoisyDevices ?? 0);
            await world.Hear(place, [$"late {n}"], PrivacyWorld.Noon + n);
            await world.GoTo(PrivacyWorld.Noon + Hour + Closed + n);
        }
        return (times, answers.Count == 1 ? [] : [$"an hour that was over has had {answers.Count} values"]);
    }

    /// <summary>The store refuses what was just drawn, again and again; whoever asks meanwhile must see one value at most.</summary>
    private static async Task<(int, IReadOnlyList<string>)> CrashBeforePublishing(PrivacyPlant plant, ulong seed)
    {
        const int refusals = 5;
        await using var world = new PrivacyWorld(PrivacyMode.Production, plant, seed);
        await world.Hear(PrivacyWorld.Places(1)[0], People("", 300), PrivacyWorld.Noon);
        await world.GoTo(PrivacyWorld.Noon + Hour);
        world.Refusals = refusals;
        var (answers, failed) = (new HashSet<double>(), 0);
        for (var n = 0; n < 4 * refusals; n++)
        {
            var advance = world.GoTo(PrivacyWorld.Noon + Hour + Closed);
            try
            {
                foreach (var cell in (await world.Look()).Cells.Concat((await world.Look()).Cells)) answers.Add(cell.NoisyDevices ?? 0);
                await advance;
            }
            catch (Exception e) when (e is IOException or Orleans.Runtime.OrleansException)
            {
                failed++;
            }
            foreach (var cell in (await world.Look()).Cells) answers.Add(cell.NoisyDevices ?? 0);
        }
        return (4 * refusals, failed == 0 ? ["no write was refused: the attack could not be tried"] : answers.Count == 1 ? [] : [$"of one hour {answers.Count} values were seen around {failed} refused writes"]);
    }

    /// <summary>Two cities that differ by one person among the attacker's, too few to be shown: their alarms must be the same.</summary>
    private static async Task<(int, IReadOnlyList<string>)> AlarmFlips(PrivacyPlant plant, ulong seed)
    {
        const int bins = 8;
        var told = new List<string[]>();
        foreach (var victims in new[] { 0, 1 })
        {
            await using var world = new PrivacyWorld(PrivacyMode.Simulation, plant, seed);
            var (places, says) = (PrivacyWorld.Places(4), new string[bins]);
            for (var bin = 0; bin < bins; bin++)
            {
                var at = PrivacyWorld.Noon + bin * PrivacyWorld.BinSeconds;
                foreach (var place in places[1..]) await world.Hear(place, People($"{place} ", 40), at);
                // The attacker's devices say that people are robbed, as often as brings a place to where an alarm rises.
                for (var again = 0; again < 4; again++) await world.Hear(places[0], People("mallory ", PrivacyWorld.K - 2 + victims), at + again, ActivityClass.Mugging);
                await world.GoTo(at + Closed);
                says[bin] = await world.Alarms();
            }
            told.Add(says);
        }
        return (bins, [.. Enumerable.Range(0, bins).Where(b => told[0][b] != told[1][b]).Select(b => $"bin {b}: what is said of the city tells whether one person was there")]);
    }

    /// <summary>Many boxes over one place: each must show the same of a cell, and nothing of the box itself.</summary>
    private static async Task<(int, IReadOnlyList<string>)> OverlappingBoxes(PrivacyPlant plant, ulong seed)
    {
        const int boxes = 300;
        await using var world = new PrivacyWorld(PrivacyMode.Production, plant, seed);
        var (places, rng, violations) = (PrivacyWorld.Places(6), Rng.For(seed, "boxes"), new List<string>());
        for (var i = 0; i < places.Length; i++) await world.Hear(places[i], People($"{i} ", i < 4 ? 300 : 20), PrivacyWorld.Noon);
        await world.GoTo(PrivacyWorld.Noon + Hour + Closed);
        var centres = places.Select(H3.CellToLatLng).ToArray();
        var seen = new Dictionary<string, double>();
        for (var n = 0; n < boxes; n++)
        {
            var (a, b, reach) = (centres[rng.NextInt(centres.Length)], centres[rng.NextInt(centres.Length)], rng.Uniform(0, 0.01));
            var view = await world.Look(new(
                Math.Min(a.LatitudeDegrees, b.LatitudeDegrees) - reach, Math.Min(a.LongitudeDegrees, b.LongitudeDegrees) - reach,
                Math.Max(a.LatitudeDegrees, b.LatitudeDegrees) + reach, Math.Max(a.LongitudeDegrees, b.LongitudeDegrees) + reach));
            if ((view.Active, view.Suppressed, view.EverReleased, view.ProductionSlots) is not (0, 0, 0, 0)) violations.Add($"box {n} says how many cells are hidden in it");
            foreach (var cell in view.Cells)
                if (!seen.TryAdd(cell.Cell, cell.NoisyDevices ?? 0) && seen[cell.Cell] != cell.NoisyDevices) violations.Add($"box {n}: {cell.Cell} is {cell.NoisyDevices}, elsewhere {seen[cell.Cell]}");
        }
        if (seen.Count != 4) violations.Add($"{seen.Count} cells are shown, 4 are large enough");
        return (boxes, violations);
    }

    private static IEnumerable<string> People(string name, int count) => Enumerable.Range(0, count).Select(i => $"{name}{i}");
}
