using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Learning;

namespace CitySafeSense.Cli.Verbs.Federated;

/// <summary>A model's C, built here: for this machine and for an emulated Cortex-M4, to run it on both, and to weigh it.</summary>
internal sealed class MicroBuild : IDisposable
{
    private const string Strict = "-std=c99 -Wall -Wextra -Werror", ForCortex = $"{Strict} -Os -mcpu=cortex-m4 -mthumb -ffreestanding";
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(5);
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-c-").FullName;

    public MicroBuild(CSource source)
    {
        Write("model.h", source.Header);
        Write("model.c", source.Implementation);
        Write("main.c", CExporter.Filter("model", seesFrames: true));
        Write("cortex.c", CortexProgram.Main("model"));
        Write("cortex.ld", CortexProgram.LinkerScript);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>What it makes of a camera's frames; nothing where there is no gcc.</summary>
    /// <exception cref="CommandFailedException">The compiler refused it, or the program failed.</exception>
    public sbyte[]? Run(byte[] frames)
    {
        if (Tool("gcc", $"{Strict} -O2 model.c main.c -o program") is null) return null;
        using var program = Process.Start(new ProcessStartInfo(Path.Combine(folder, "program")) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var writing = Task.Run(() =>
        {
            using var stream = program.StandardInput.BaseStream;
            stream.Write(frames);
        });
        using var output = new MemoryStream();
        program.StandardOutput.BaseStream.CopyTo(output);
        writing.GetAwaiter().GetResult();
        program.WaitForExit();
        return program.ExitCode == 0 ? (sbyte[])(Array)output.ToArray() : throw new CommandFailedException($"the model's program ended with code {program.ExitCode}");
    }

    /// <summary>What a Cortex-M4 makes of them, and the instructions it takes for a frame; nothing where there is no compiler for it, or no emulator.</summary>
    /// <exception cref="CommandFailedException">The compiler refused it, or the emulator failed.</exception>
    public (sbyte[] Outputs, double InstructionsPerFrame)? Emulate(byte[] frames)
    {
        if (Tool("arm-none-eabi-gcc", $"{ForCortex} -nostdlib -T cortex.ld cortex.c model.c -lgcc -o cortex.elf") is null) return null;
        File.WriteAllBytes(Path.Combine(folder, "frames.bin"), frames);
        // An instruction is a nanosecond of its clock: ticks count instructions, not how fast this machine is.
        if (Tool("qemu-system-arm", $"-M {CortexProgram.Board} -nographic -monitor none -serial none -semihosting-config enable=on,target=native -icount shift=0,sleep=off -kernel cortex.elf") is null) return null;
        var ticks = MemoryMarshal.Cast<byte, uint>(File.ReadAllBytes(Path.Combine(folder, "ticks.bin"))).ToArray();
        return ((sbyte[])(Array)File.ReadAllBytes(Path.Combine(folder, "outputs.bin")), ticks.Average(t => (double)t) * 1e9 / CortexProgram.TicksPerSecond);
    }

    /// <summary>Bytes of flash and of memory on a Cortex-M4; nothing where there is no compiler for it.</summary>
    public (int Flash, int Memory)? Weigh()
    {
        if (Tool("arm-none-eabi-gcc", $"{ForCortex} -c model.c -o model.o") is null || Tool("arm-none-eabi-size", "model.o") is not { } answer) return null;
        int[] sizes = [.. answer.Split('\n')[1].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Take(3).Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        return (sizes[0] + sizes[1], sizes[1] + sizes[2]);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);

    /// <summary>What it says; nothing where it is not installed.</summary>
    private string? Tool(string name, string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(name, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            if (!process.WaitForExit(patience))
            {
                process.Kill(entireProcessTree: true);
                throw new CommandFailedException($"{name} did not end within {patience.TotalMinutes} minutes");
            }
            return process.ExitCode == 0 ? output.GetAwaiter().GetResult() : throw new CommandFailedException($"{name} failed on the model: {error.GetAwaiter().GetResult()}");
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
