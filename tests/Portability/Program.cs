using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Encodings.Web;
using System.Text.Json;
using CitySafeSense.Numerics;
using CitySafeSense.Portability;

// What a processor makes of the product's arithmetic. Started by Processors.Tests with instruction sets switched off and on
// emulated processors; by hand: `dotnet run --project tests/Portability -- hashes`.
switch (args)
{
    case ["hashes"]:
        var hashes = PortableHashes.All();
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
                Width = ((int)Kernels.Chosen.Width).ToString(CultureInfo.InvariantCulture),
                Vector128 = Vector128.IsHardwareAccelerated,
                Fma = System.Runtime.Intrinsics.X86.Fma.IsSupported,
                Neon = System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported,
                Hashes = hashes.ToDictionary(h => h.Key, h => h.Value),
            },
            new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        return 0;
    case ["tests", ..]:
        var (passed, failed) = NumericTests.Run(args.ElementAtOrDefault(1) ?? "");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{passed} passed, {failed} failed"));
        return failed == 0 && passed > 0 ? 0 : 1;
    default:
        Console.Error.WriteLine("usage: CitySafeSense.Portability hashes | tests [PART OF A NAME]");
        return 2;
}
