using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Learning;

namespace CitySafeSense.Cli.Verbs.Federated;

/// <summary>A model's C, built here: for this machine, to run it, and for a Cortex-M4, to weigh it.</summary>
internal sealed class MicroBuild : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-c-").FullName;

    public MicroBuild(CSource source)
    {
        File.WriteAllText(Path.Combine(folder, "model.h"), source.Header);
        File.WriteAllText(Path.Combine(folder, "model.c"), source.Implementation);
        File.WriteAllText(Path.Combine(folder, "main.c"), CExporter.Filter("model"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>What it makes of rows of input; nothing where there is no gcc.</summary>
    /// <exception cref="CommandFailedException">The compiler refused it, or the program failed.</exception>
    public sbyte[]? Run(sbyte[] inputs)
    {
        if (Tool("gcc", "-std=c99 -Wall -Wextra -Werror -O2 model.c main.c -o program") is null) return null;
        using var program = Process.Start(new ProcessStartInfo(Path.Combine(folder, "program")) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var writing = Task.Run(() =>
        {
            using var stream = program.StandardInput.BaseStream;
            stream.Write((byte[])(Array)inputs);
        });
        using var output = new MemoryStream();
        program.StandardOutput.BaseStream.CopyTo(output);
        writing.GetAwaiter().GetResult();
        program.WaitForExit();
        return program.ExitCode == 0 ? (sbyte[])(Array)output.ToArray() : throw new CommandFailedException($"the model's program ended with code {program.ExitCode}");
    }

    /// <summary>Bytes of flash and of memory on a Cortex-M4; nothing where there is no compiler for it.</summary>
    public (int Flash, int Memory)? Weigh()
    {
        if (Tool("arm-none-eabi-gcc", "-std=c99 -Wall -Wextra -Werror -Os -mcpu=cortex-m4 -mthumb -ffreestanding -c model.c -o model.o") is null || Tool("arm-none-eabi-size", "model.o") is not { } answer) return null;
        int[] sizes = [.. answer.Split('\n')[1].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Take(3).Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        return (sizes[0] + sizes[1], sizes[1] + sizes[2]);
    }

    /// <summary>What it says; nothing where it is not installed.</summary>
    private string? Tool(string name, string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(name, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            process.WaitForExit();
            return process.ExitCode == 0 ? output.GetAwaiter().GetResult() : throw new CommandFailedException($"{name} refused the model: {error.GetAwaiter().GetResult()}");
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
