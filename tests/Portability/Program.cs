using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using CitySafeSense.Portability;

// What a processor makes of the product's arithmetic. tests/Processors starts it with instruction sets switched off and on an
// emulated processor; tests/record calls it to record tests/Golden/runs.json.
switch (args)
{
    case ["paths"]:
        return Print(new ProcessorReport { Hashes = new Dictionary<string, string>() });
    case ["hashes"]:
        return Print(new ProcessorReport { Hashes = PortableHashes.All().ToDictionary(h => h.Key, h => h.Value) });
    case ["tests", .. var parts]:
        var (passed, failed) = NumericTests.Run(parts);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{passed} passed, {failed} failed"));
        return failed == 0 && passed > 0 ? 0 : 1;
    case ["onnx"]:
        return Print(OnnxAgreement.Steps());
    case ["record", var path, var program, var date, { Length: > 0 } why]:
        await GoldenFile.Record(path, program, why, date);
        return 0;
    default:
        Console.Error.WriteLine("usage: CitySafeSense.Portability paths | hashes | onnx | tests [PART OF A NAME ...] | record FILE PROGRAM DATE WHY");
        return 2;
}

static int Print<T>(T answer)
{
    Console.WriteLine(JsonSerializer.Serialize(answer, new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    return 0;
}
