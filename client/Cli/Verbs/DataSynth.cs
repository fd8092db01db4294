using CitySafeSense.Cli.Terminal;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`data synth`: labelled windows of simulated people, as CSV with one row for each sample.</summary>
internal static class DataSynth
{
    public static Command Command()
    {
        var people = new Option<int>("--people") { Description = "Simulated people, each with a gait, a phone and habits.", DefaultValueFactory = _ => 10 };
        var windows = new Option<int>("--windows") { Description = "Windows of each person.", DefaultValueFactory = _ => 20 };
        var output = Paths.Output("--out", "CSV file to write; stdout where left out.");
        var seed = Output.SeedOption();
        var command = new Command("synth", """
            Draw labelled windows of simulated people (2 s at 50 Hz, 10 channels) as CSV.

            Example: citysafe data synth --people 5 --windows 40 --seed 7 --out windows.csv
            """) { people, windows, output, seed };
        command.SetAction(parse =>
        {
            if (parse.GetValue(people) is < 1 or > 100_000) throw new ArgumentException("--people must be 1 to 100000");
            if (parse.GetValue(windows) is < 1 or > 100_000) throw new ArgumentException("--windows must be 1 to 100000");
            if (parse.GetValue(output) is not { } file)
            {
                Write(Console.Out, parse.GetValue(seed), parse.GetValue(people), parse.GetValue(windows));
                return Run.Done;
            }
            // Beside and then renamed: nobody ever finds half a file.
            var partial = file.FullName + ".partial";
            using (var writer = new StreamWriter(partial)) Write(writer, parse.GetValue(seed), parse.GetValue(people), parse.GetValue(windows));
            File.Move(partial, file.FullName, overwrite: true);
            Output.Note($"{file.FullName}: {parse.GetValue(people)} people, {parse.GetValue(windows)} windows each");
            return Run.Done;
        });
        return command;
    }

    private static void Write(TextWriter writer, ulong seed, int people, int windows)
    {
        var schema = WindowSchema.Default;
        writer.WriteLine("person,window,label,event,present,sample," + string.Join(',', schema.Channels.Select(c => c.Name)));
        for (var person = 0; person < people; person++)
        {
            var drawn = SyntheticPeople.Draw(seed, person, windows);
            for (var w = 0; w < drawn.Count; w++)
                for (var t = 0; t < schema.Samples; t++)
                {
                    writer.Write(FormattableString.Invariant($"{person},{w},{ActivityClasses.Names[(int)drawn[w].Label]},{drawn[w].Manoeuvre},{(byte)drawn[w].Window.Present},{t}"));
                    for (var c = 0; c < schema.Channels.Count; c++) writer.Write(FormattableString.Invariant($",{drawn[w].Window[c][t]:G6}"));
                    writer.WriteLine();
                }
        }
    }
}
