using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using CitySafeSense.Portability;

namespace CitySafeSense.Processors;

/// <summary>A processor that this machine is, or can be made to look like.</summary>
/// <param name="Variables">NAME=VALUE, of the environment of its processes.</param>
/// <param name="IsTaken">Whether a report shows that the process ran as one, given that of the processor as it is.</param>
/// <param name="Emulator">What runs the program, with its arguments; nothing where the machine itself does.</param>
internal sealed record Processor(string Name, string[] Variables, Func<ProcessorReport, ProcessorReport, bool> IsTaken, params string[] Emulator)
{
    private const string Arm64Libraries = "/usr/aarch64-linux-gnu";

    public static Processor AsItIs { get; } = new("as it is", [], (_, _) => true);

    public static Processor Arm64 { get; } = new("ARM64 with NEON", ["DOTNET_EnableWriteXorExecute=0", "DOTNET_TieredPGO=0"], (report, _) => report is { Architecture: "Arm64", HasNeon: true, Width: 128 },
        "qemu-aarch64-static", "-L", Arm64Libraries);

    /// <summary>An AMD processor of 2017: AVX2, and none of the later instructions for products of bytes.</summary>
    public static Processor WithoutVnni { get; } = new("x64 without VNNI", ["DOTNET_EnableWriteXorExecute=0", "DOTNET_gcConcurrent=0"], (report, _) => report.Width <= 256,
        "qemu-x86_64-static", "-cpu", "EPYC");

    private static readonly Processor[] lesser =
    [
        new("without AVX-512", ["DOTNET_EnableAVX512=0"], (report, _) => report.Width <= 256),
        new("without AVX2", ["DOTNET_EnableAVX2=0"], (report, _) => report is { Width: <= 128, HasFusedMultiplyAdd: false }),
        new("without vectors", ["DOTNET_EnableHWIntrinsic=0"], (report, _) => report is { Width: 32, HasVectors: false, HasFusedMultiplyAdd: false }),
        new("with the plain C library", ["GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL"], IsAnotherLibrary),
    ];

    /// <summary>The switches exist on x64 only.</summary>
    public static IReadOnlyList<Processor> Local { get; } = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? [AsItIs, .. lesser] : [AsItIs];

    /// <summary>Why ARM64 cannot be emulated here, or null.</summary>
    public static string? Arm64Absent => RuntimeInformation.ProcessArchitecture != Architecture.X64 ? "this machine is no x64 to emulate ARM64 on"
        : !IsInstalled(Arm64.Emulator[0]) || !Directory.Exists(Arm64Libraries) ? "the packages qemu-user-static, libc6-arm64-cross and libstdc++6-arm64-cross are not installed"
        : Published is null ? "tests/Portability is not published for linux-arm64 (tests/run does it where the runtime packs can be had)" : null;

    /// <summary>Why an older x64 cannot be emulated here, or null.</summary>
    public static string? WithoutVnniAbsent => RuntimeInformation.ProcessArchitecture != Architecture.X64 ? "this machine is no x64"
        : !IsInstalled(WithoutVnni.Emulator[0]) ? "the package qemu-user-static is not installed" : null;

    private static string? Published => Beside(Path.Combine("arm64", "publish", "Portability", "release_linux-arm64", "CitySafeSense.Portability"));

    /// <summary>A file below the folder of all build results.</summary>
    public static string? Beside(string path)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (at.Name == "artifacts" && File.Exists(Path.Combine(at.FullName, path))) return Path.Combine(at.FullName, path);
        return null;
    }

    /// <param name="what">"hashes", or "paths" for a report without them.</param>
    public async Task<ProcessorReport> ReportAsync(string what = "hashes") => JsonSerializer.Deserialize<ProcessorReport>((await RunAsync(what)).Output)!;

    /// <summary>Runs tests/Portability as a process on this processor.</summary>
    public async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var program = this == Arm64 ? Published! : Path.Combine(AppContext.BaseDirectory, "CitySafeSense.Portability");
        string[] command = [.. Emulator, program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var variable in Variables) start.Environment[variable.Split('=', 2)[0]] = variable.Split('=', 2)[1];
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>The library has but one variant where the processor has no fused multiply-add.</summary>
    private static bool IsAnotherLibrary(ProcessorReport report, ProcessorReport asItIs) => report.LibraryHash != asItIs.LibraryHash || !asItIs.HasFusedMultiplyAdd;

    private static bool IsInstalled(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, name)));
}
