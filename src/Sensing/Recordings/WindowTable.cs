using System.Globalization;

namespace CitySafeSense.Sensing.Recordings;

/// <summary>A window of a table, whose it is, and what is true of it.</summary>
public readonly record struct TabledWindow(string Person, SensorWindow Window, ActivityClass Label);

/// <summary>
/// Labelled windows as CSV, one row for each sample: person, window, label, present, sample and the channels of the schema,
/// columns found by name, rows of a window together and in order. `data synth` writes it.
/// </summary>
public static class WindowTable
{
    /// <summary>Windows in one table.</summary>
    public const int WindowsMax = 1_000_000;

    /// <param name="name">For messages.</param>
    /// <exception cref="RecordingException">Names the line, the column and what is wrong.</exception>
    public static IEnumerable<TabledWindow> Read(TextReader reader, string name)
    {
        var schema = WindowSchema.Default;
        var columns = (reader.ReadLine() ?? throw new RecordingException($"{name} is empty")).Split(',');
        int Column(string wanted) => Array.IndexOf(columns, wanted) is >= 0 and var at ? at : throw new RecordingException($"{name} has no column {wanted}");
        var (person, window, label, present, sample) = (Column("person"), Column("window"), Column("label"), Column("present"), Column("sample"));
        int[] channels = [.. schema.Channels.Select(c => Column(c.Name))];
        var (line, count) = (1, 0);
        while (reader.ReadLine() is { } first)
        {
            if (++count > WindowsMax) throw new RecordingException($"{name}: more than {WindowsMax} windows");
            var (values, head) = (new float[schema.Length], first.Split(','));
            for (var t = 0; t < schema.Samples; t++)
            {
                var text = t == 0 ? first : reader.ReadLine() ?? throw new RecordingException($"{name} ends within a window, after line {line}");
                var cells = text.Split(',');
                line++;
                if (cells.Length != columns.Length) throw Wrong($"{cells.Length} cells in {columns.Length} columns");
                if (cells[sample] != t.ToString(CultureInfo.InvariantCulture) || cells[window] != head[window] || cells[person] != head[person])
                    throw Wrong($"sample {cells[sample]} of window {cells[window]} where sample {t} of window {head[window]} is due");
                for (var c = 0; c < channels.Length; c++)
                    values[c * schema.Samples + t] = float.TryParse(cells[channels[c]], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value
                        : throw Wrong($"\"{cells[channels[c]]}\" is no {schema.Channels[c].Name}");
            }
            var known = -1;
            for (var k = 0; k < ActivityClasses.Count; k++)
                if (ActivityClasses.Names[k] == head[label]) known = k;
            if (known < 0) throw Wrong($"\"{head[label]}\" is no label; choose from {string.Join(", ", ActivityClasses.Names)}");
            if (!byte.TryParse(head[present], NumberStyles.None, CultureInfo.InvariantCulture, out var groups)) throw Wrong($"\"{head[present]}\" says nothing about which instruments are present");
            yield return new(head[person], Checked(values, (ChannelGroups)groups), (ActivityClass)known);
        }

        RecordingException Wrong(string what, Exception? inner = null) => new($"{name}, line {line}: {what}", inner);

        SensorWindow Checked(float[] values, ChannelGroups groups)
        {
            try
            {
                return new SensorWindow(schema, values, groups);
            }
            catch (InvalidWindowException e)
            {
                throw Wrong(e.Message, e);
            }
        }
    }
}
