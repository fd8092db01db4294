using System.Globalization;
using System.Text;
using CitySafeSense.Recordings;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;
using CitySafeSense.Sensing.Recordings;
using CitySafeSense.Tables;

namespace CitySafeSense.Tests.Recordings;

public class WindowTableTests
{
    private static readonly LabelledWindow[] Drawn = [.. SyntheticPeople.Draw(1, 3, 2)];
    private static readonly string[] Lines = Write();

    [Fact]
    public void Windows_come_back_with_person_and_label_whatever_the_order_of_columns()
    {
        var read = Read(Lines);
        Assert.Equal(2, read.Length);
        for (var w = 0; w < 2; w++)
        {
            Assert.Equal(("3", Drawn[w].Label, Drawn[w].Window.Present), (read[w].Person, read[w].Label, read[w].Window.Present));
            Assert.Equal(Drawn[w].Window.Values.ToArray(), read[w].Window.Values.ToArray());
        }
        Assert.Equal(Drawn[1].Window.Values.ToArray(), Read([.. Lines.Select(l => string.Join(',', l.Split(',').Reverse()))])[1].Window.Values.ToArray());
    }

    /// <summary>As R's write.csv and pandas' QUOTE_ALL write it.</summary>
    [Fact]
    public void Quoted_names_and_cells_are_read()
    {
        using var stream = CaseFile.Open("windows/quoted.csv");
        var first = WindowTable.Read(stream, "windows.csv").First(); // the rest of the file is cut off
        Assert.Equal(("0", ActivityClass.SlowWalking, -4.89586f), (first.Person, first.Label, first.Window[0][0]));
        Assert.Equal(Drawn[0].Window.Values.ToArray(), Read([.. Lines.Select(l => string.Join(',', l.Split(',').Select(c => $"\"{c}\"")))])[0].Window.Values.ToArray());
    }

    [Theory]
    [InlineData("label", "the table has no column label")]
    [InlineData("cut", "ends within a window, after line 100")]
    [InlineData("order", "line 4: sample 7 of window 0 where sample 2 of window 0 is due")]
    [InlineData("number", "line 3: \"fast\" is no speed")]
    [InlineData("name", "\"dancing\" is no label; choose from stationary")]
    [InlineData("nan", "sample 1 is NaN")]
    [InlineData("cells", "line 2: 1 cells in")]
    public void What_is_no_such_table_is_refused_with_line_and_reason(string what, string message)
    {
        string[] lines = [.. Lines];
        switch (what)
        {
            case "label": lines[0] = lines[0].Replace("label", "tag", StringComparison.Ordinal); break;
            case "cut": lines = lines[..100]; break;
            case "order": lines[3] = lines[3].Replace(",2,", ",7,", StringComparison.Ordinal); break;
            case "number": Cell(2, "speed", "fast"); break;
            case "name": Cell(1, "label", "dancing"); break;
            case "nan": Cell(2, "speed", "NaN"); break;
            default: lines[1] = "1"; break;
        }
        var refusal = Record.Exception(() => Read(lines));
        Assert.True(refusal is RecordingException or TableException, refusal?.ToString());
        Assert.Contains(message, refusal!.Message);

        void Cell(int line, string column, string value)
        {
            var cells = lines[line].Split(',');
            cells[Array.IndexOf(lines[0].Split(','), column)] = value;
            lines[line] = string.Join(',', cells);
        }
    }

    private static TabledWindow[] Read(string[] lines) => [.. WindowTable.Read(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines))), "the table")];

    private static string[] Write()
    {
        var schema = WindowSchema.Default;
        var lines = new List<string> { "person,window,label,present,sample," + string.Join(',', schema.Channels.Select(c => c.Name)) };
        for (var w = 0; w < Drawn.Length; w++)
            for (var t = 0; t < schema.Samples; t++)
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"3,{w},{ActivityClasses.Names[(int)Drawn[w].Label]},{(byte)Drawn[w].Window.Present},{t},")
                    + string.Join(',', Enumerable.Range(0, schema.Channels.Count).Select(c => Drawn[w].Window[c][t].ToString("R", CultureInfo.InvariantCulture))));
        return [.. lines];
    }
}
