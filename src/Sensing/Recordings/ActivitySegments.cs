namespace CitySafeSense.Sensing.Recordings;

/// <summary>One person's labelled windows, split so that no test window overlaps a training one.</summary>
public sealed record PersonWindows(int Person, IReadOnlyList<(SensorWindow Window, int Label)> Training, IReadOnlyList<(SensorWindow Window, int Label)> Test);

/// <summary>
/// Cuts recordings into windows: a segment is an unbroken run of one label within one recording; windows start every
/// <see cref="Hop"/> samples and never leave their segment. Of each recording and class the last segment is the test, the
/// earlier ones are for training, so that test and training are apart in time.
/// </summary>
public static class ActivitySegments
{
    public const int Hop = 50;

    /// <param name="classes">The labels to keep, in the order of the classifier's outputs.</param>
    /// <exception cref="RecordingException">One of them has no name.</exception>
    public static IReadOnlyList<PersonWindows> Split(ImuRecordings recordings, IReadOnlyList<int> classes)
    {
        if (classes.Max() >= recordings.LabelNames.Count)
            throw new RecordingException($"activity_names: {recordings.LabelNames.Count} names ({string.Join(", ", recordings.LabelNames)}); labels up to {classes.Max()} are learned and need one each");
        var people = new SortedDictionary<int, (List<(SensorWindow, int)> Training, List<(SensorWindow, int)> Test)>();
        for (var r = 0; r < recordings.Recordings; r++)
        {
            if (!people.TryGetValue(recordings.Person[r], out var person)) people[recordings.Person[r]] = person = ([], []);
            foreach (var sameClass in Segments(recordings, r).GroupBy(s => s.Label))
            {
                var index = classes.ToList().IndexOf(sameClass.Key);
                if (index < 0) continue;
                (int Label, long Start, long End)[] segments = [.. sameClass];
                for (var s = 0; s < segments.Length; s++)
                {
                    var target = s == segments.Length - 1 ? person.Test : person.Training;
                    for (var start = segments[s].Start; start + WindowSchema.Default.Samples <= segments[s].End; start += Hop)
                        target.Add((recordings.Window(start), index));
                }
            }
        }
        return [.. people.Select(p => new PersonWindows(p.Key, p.Value.Training, p.Value.Test))];
    }

    private static IEnumerable<(int Label, long Start, long End)> Segments(ImuRecordings recordings, int recording)
    {
        var (start, end) = (recordings.Offsets[recording], recordings.Offsets[recording + 1]);
        for (var t = start + 1; t <= end; t++)
        {
            if (t < end && recordings.Labels[(int)t] == recordings.Labels[(int)start]) continue;
            yield return ((int)recordings.Labels[(int)start], start, t);
            start = t;
        }
    }
}
