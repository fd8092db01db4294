using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using CitySafeSense.Portability;

// What a processor makes of the product's arithmetic. tests/Processors starts it with instruction sets switched off and on an
// emulated processor; tests/record calls it to record tests/Golden/runs.json.
switch (args)
{
    case ["hashes"]:
        var report = new ProcessorReport { Hashes = PortableHashes.All().ToDictionary(h => h.Key, h => h.Value) };
        Console.WriteLine(JsonSerializer.Serialize(report, new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        return 0;
    case ["tests", .. var parts]:
        var (passed, failed) = NumericTests.Run(parts);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{passed} passed, {failed} failed"));
        return failed == 0 && passed > 0 ? 0 : 1;
    case ["record", var path, var program, var date, { Length: > 0 } why]:
        await GoldenFile.Record(path, program, why, date);
        return 0;
    default:
        Console.Error.WriteLine("usage: CitySafeSense.Portability hashes | tests [PART OF A NAME ...] | record FILE PROGRAM DATE WHY");
        return 2;
}
