using CitySafeSense.Cli.Terminal;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Recordings;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;
using CitySafeSense.Sensing.Recordings;

namespace CitySafeSense.Cli.Models;

/// <summary>A labelled window and whose it is.</summary>
internal readonly record struct PersonWindow(string Person, SensorWindow Window, int Label);

/// <summary>Windows to learn from or to judge by, of simulated or real people. People are the unit: nobody is on two sides of a split.</summary>
internal sealed record WindowData(string Source, IReadOnlyList<string> Classes, IReadOnlyList<PersonWindow> Windows)
{
    private static readonly int[] activities = [1, 2, 3, 4, 5, 6];

    public static Option<FileInfo> FileOption() => Paths.Input("--data", "Recordings (.npz) with a label for each sample, or with a code for each fall; or labelled windows (.csv) as `data synth` writes them. Without it, people are simulated.");

    public static Option<int> PeopleOption() => new("--people") { Description = "Simulated people, where there is no --data.", DefaultValueFactory = _ => 60 };

    /// <exception cref="RecordingException">The file is not what it should be.</exception>
    public static WindowData Load(FileInfo? file, ulong seed, int people)
    {
        if (file is null)
        {
            if (people is < 5 or > 100_000) throw new ArgumentException("--people must be 5 to 100000");
            return new($"{people} simulated people, seed {seed}", ActivityClasses.Names, [.. Enumerable.Range(0, people).SelectMany(p =>
                SyntheticPeople.Draw(seed, p, 80).Select(w => new PersonWindow($"person-{p:D5}", w.Window, (int)w.Label)))]);
        }
        if (IsTable(file)) return OfTable(file);
        using var stream = file.OpenRead();
        using var archive = new NpzArchive(stream, file.Name);
        if (FallRecordings.Are(archive))
        {
            var falls = FallRecordings.Read(archive);
            if (falls.TooShort > 0) Output.Note($"{file.Name}: {falls.TooShort} recordings of less than two seconds are left out");
            return new(file.Name, FallRecordings.Classes, [.. falls.Windows.Select(w => new PersonWindow(w.Person, w.Window, w.Label))]);
        }
        var recordings = ImuRecordings.Read(archive);
        var split = ActivitySegments.Split(recordings, activities);
        return new(file.Name, [.. activities.Select(a => recordings.LabelNames[a])], [.. split
            .SelectMany(p => p.Training.Concat(p.Test).Select(w => new PersonWindow($"person-{p.Person:D2}", w.Window, w.Label)))]);
    }

    /// <summary>Whether it is text and not an archive.</summary>
    public static bool IsTable(FileInfo file)
    {
        using var stream = file.OpenRead();
        return stream.ReadByte() is not ('P' or -1);
    }

    private static WindowData OfTable(FileInfo file)
    {
        using var stream = file.OpenRead();
        return new(file.Name, ActivityClasses.Names, [.. WindowTable.Read(stream, file.Name).Select(w => new PersonWindow(w.Person, w.Window, (int)w.Label))]);
    }

    /// <summary>A fifth of the people to judge by, a fifth to stop training by, the rest to train on; who is where depends on the seed alone.</summary>
    public (WindowData Training, WindowData Validation, WindowData Test) Split(ulong seed)
    {
        string[] people = [.. Windows.Select(w => w.Person).Distinct().Order(StringComparer.Ordinal)];
        if (people.Length < 5) throw new ArgumentException($"{Source} is of {people.Length} people; at least 5 are needed to train, to stop and to judge by different ones");
        Rng.For(seed, "split").Shuffle<string>(people);
        var share = Math.Max(1, people.Length / 5);
        return (Of(people[(2 * share)..]), Of(people[share..(2 * share)]), Of(people[..share]));
    }

    public Examples Examples(ChannelScaling scaling)
    {
        var length = WindowSchema.Default.NetworkChannels * WindowSchema.Default.Samples;
        var inputs = new float[Windows.Count * length];
        for (var i = 0; i < Windows.Count; i++) NetworkInput.Write(Windows[i].Window, scaling, inputs.AsSpan(i * length, length));
        return new Examples(inputs, [.. Windows.Select(w => w.Label)], length);
    }

    /// <summary>The same windows, each with its sensor turned a little, in another way in every epoch.</summary>
    /// <param name="degrees">Standard deviation of the angle; 0 leaves them as they are.</param>
    public WindowData Turned(double degrees, ulong seed, int epoch)
    {
        if (degrees == 0) return this;
        var rng = Rng.For(seed, "rotation", epoch.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return this with { Windows = [.. Windows.Select(w => w with { Window = SensorRotation.Small(rng, degrees).Turn(w.Window) })] };
    }

    /// <summary>A few hundred windows of everybody, for the ranges of eight bits.</summary>
    public WindowData Sample(ulong seed, int count)
    {
        var windows = Windows.ToArray();
        Rng.For(seed, "representative").Shuffle<PersonWindow>(windows);
        return this with { Windows = windows[..Math.Min(count, windows.Length)] };
    }

    private WindowData Of(string[] people)
    {
        var chosen = people.ToHashSet();
        return this with { Windows = [.. Windows.Where(w => chosen.Contains(w.Person))] };
    }
}
