using System.Globalization;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Recordings;
using CitySafeSense.Tables;

namespace CitySafeSense.Recordings;

/// <summary>A window of a table, whose it is, and what is true of it.</summary>
public readonly record struct TabledWindow(string Person, SensorWindow Window, ActivityClass Label);

/// <summary>
/// Labelled windows as a table, one row for each sample: person, window, label, present, sample and the channels of the schema,
/// columns found by name, rows of a window together and in order. `data synth` writes it.
/// </summary>
public static class WindowTable
{
    /// <summary>Windows in one table.</summary>
    public const int WindowsMax = 1_000_000;

    /// <param name="name">For messages.</param>
    /// <exception cref="RecordingException">Names the line, the column and what is wrong.</exception>
    /// <exception cref="TableException">It is no table.</exception>
    public static IEnumerable<TabledWindow> Read(Stream stream, string name)
    {
        var schema = WindowSchema.Default;
        using var table = DelimitedTable.Open(stream, name);
        string[] columns = [.. table.Columns];
        int Column(string wanted) => Array.IndexOf(columns, wanted) is >= 0 and var at ? at : throw new RecordingException($"{name} has no column {wanted}; it has {table.ColumnsInWords}, {table.Understood}");
        var (person, window, label, present, sample) = (Column("person"), Column("window"), Column("label"), Column("present"), Column("sample"));
        int[] channels = [.. schema.Channels.Select(c => Column(c.Name))];
        for (var count = 1; table.Read(); count++)
        {
            if (count > WindowsMax) throw new RecordingException($"{name}: more than {WindowsMax} windows");
            var values = new float[schema.Length];
            var (whose, which, known, groups) = (table[person], table[window], Label(table[label]), Groups(table[present]));
            for (var t = 0; t < schema.Samples; t++)
            {
                if (t > 0 && !table.Read()) throw new RecordingException($"{name} ends within a window, after line {table.Line}");
                if (table[sample] != t.ToString(CultureInfo.InvariantCulture) || table[window] != which || table[person] != whose)
                    throw Wrong($"sample {table[sample]} of window {table[window]} where sample {t} of window {which} is due");
                for (var c = 0; c < channels.Length; c++)
                    values[c * schema.Samples + t] = float.TryParse(table[channels[c]], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value
                        : throw Wrong($"\"{table[channels[c]]}\" is no {schema.Channels[c].Name}");
            }
            yield return new(whose, Checked(values, groups), known);
        }

        ActivityClass Label(string text)
        {
            for (var k = 0; k < ActivityClasses.Count; k++)
                if (ActivityClasses.Names[k] == text) return (ActivityClass)k;
            throw Wrong($"\"{text}\" is no label; choose from {string.Join(", ", ActivityClasses.Names)}");
        }

        ChannelGroups Groups(string text) => byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var groups) ? (ChannelGroups)groups
            : throw Wrong($"\"{text}\" says nothing about which instruments are present");

        RecordingException Wrong(string what, Exception? inner = null) => new($"{name}, line {table.Line}: {what}", inner);

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
