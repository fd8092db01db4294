using System.Diagnostics;
using System.Globalization;
using CitySafeSense.Cli.Results;
using CitySafeSense.Cli.Terminal;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`results`: makes the pages of docs/results and the figures of README again, or compares them with what comes out now.</summary>
internal static class ResultsVerb
{
    public static Command Command()
    {
        var names = string.Join(", ", ResultPages.All.Select(p => p.Name));
        var only = new Option<string>("--only") { Description = $"Comma-separated pages: {names}. [default: all]" };
        var quick = new Option<bool>("--quick") { Description = $"Only what takes less than a minute: {string.Join(", ", ResultPages.All.Where(p => p.IsQuick).Select(p => p.Name))}." };
        var check = new Option<bool>("--check") { Description = "Write nothing; fail where a figure that comes out now is not the one in docs/results or README.md." };
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder of the recordings. [default: CITYSAFE_DATA]" };
        var repository = new Option<DirectoryInfo>("--repository") { Description = "Checkout whose docs/results and README.md are meant.", DefaultValueFactory = _ => new DirectoryInfo(".") };
        var command = new Command("results", """
            Run everything whose figures README.md and docs/results quote and that a seed repeats, and write them anew, each
            with its command, commit and date. All of it takes about half an hour on two cores.

            Example: citysafe results --data recordings
            Example: citysafe results --quick --check
            """) { only, quick, check, data, repository };
        command.SetAction(async (parse, cancellation) =>
        {
            var pages = Chosen(parse.GetValue(only), parse.GetValue(quick));
            var folder = parse.GetValue(data)?.FullName ?? Environment.GetEnvironmentVariable("CITYSAFE_DATA")
                ?? throw new ArgumentException("the recordings are needed: name their folder with --data, or in CITYSAFE_DATA");
            if (!Directory.Exists(folder)) throw new ArgumentException($"{folder} is no folder: --data names the folder of the recordings");
            var root = parse.GetValue(repository)!.FullName;
            var readme = Path.Combine(root, "README.md");
            if (!File.Exists(readme)) throw new ArgumentException($"{root} has no README.md: run this in a checkout, or name one with --repository");
            var runner = new ResultRunner(Path.GetFullPath(folder));
            var (commit, date) = (CommitOf(root), DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            var differing = new List<string>();
            foreach (var page in pages)
            {
                var made = await runner.RunAsync(page, commit, date, cancellation);
                var path = Path.Combine(root, "docs", "results", page.Name);
                if (!parse.GetValue(check)) Write(path, made);
                else if (!File.Exists(path + ".json") || ResultFile.Read(path + ".json").Figures() != made.Figures()) differing.Add($"{path}.json: other figures come out now:\n{made.Figures()}");
            }
            var (before, after) = (File.ReadAllText(readme), ReadmeHeadlines.Replace(File.ReadAllText(readme), Written(root)));
            if (!parse.GetValue(check)) File.WriteAllText(readme, after);
            else if (before != after) differing.Add($"{readme} quotes other figures than docs/results");
            if (parse.GetValue(check)) differing.AddRange(Written(root).Where(p => File.ReadAllText(PathOf(root, p.Name, "md")) != p.File.ToMarkdown()).Select(p => $"{PathOf(root, p.Name, "md")} is not what its JSON says"));
            foreach (var difference in differing) Output.Line(difference);
            Output.Line(differing.Count == 0 ? $"{pages.Count} pages {(parse.GetValue(check) ? "agree" : "written")}" : "run `./citysafe results` and look at what changed");
            return differing.Count == 0 ? Run.Done : Run.Failed;
        });
        return command;
    }

    private static IReadOnlyList<ResultPage> Chosen(string? only, bool quick)
    {
        string[] names = only?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        var unknown = names.FirstOrDefault(n => ResultPages.All.All(p => p.Name != n));
        if (unknown is not null) throw new ArgumentException($"--only {unknown}: there is {string.Join(", ", ResultPages.All.Select(p => p.Name))}");
        return [.. ResultPages.All.Where(p => (names.Length == 0 || names.Contains(p.Name)) && (!quick || p.IsQuick))];
    }

    private static IEnumerable<(string Name, ResultFile File)> Written(string root) =>
        ResultPages.All.Where(p => File.Exists(PathOf(root, p.Name, "json"))).Select(p => (p.Name, ResultFile.Read(PathOf(root, p.Name, "json"))));

    private static string PathOf(string root, string name, string ending) => Path.Combine(root, "docs", "results", $"{name}.{ending}");

    private static void Write(string path, ResultFile made)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path + ".json", made.ToJson());
        File.WriteAllText(path + ".md", made.ToMarkdown());
    }

    private static string CommitOf(string root)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", root, "rev-parse", "--short=10", "HEAD"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var commit = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return git.ExitCode == 0 ? commit : "unknown";
    }
}
