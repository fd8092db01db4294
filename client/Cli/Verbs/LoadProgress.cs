using CitySafeSense.Cli.Terminal;
using CitySafeSense.Load;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>A bar on stderr while a load runs.</summary>
internal static class LoadProgress
{
    public static Task<LoadReport> Show(LoadGenerator generator, CancellationToken cancellation) =>
        Output.Error.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new RemainingTimeColumn()).StartAsync(async context =>
        {
            var bar = context.AddTask("windows");
            return await generator.Run((sent, all) =>
            {
                bar.MaxValue = all;
                bar.Value = sent;
                bar.Description = $"{sent} windows";
            }, cancellation);
        });
}
