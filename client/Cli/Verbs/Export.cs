using System.Text;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Models;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Learning;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`export`: a trained model for other programs and for microcontrollers.</summary>
internal static class Export
{
    public const int RepresentativeWindows = 500;

    public static Command Command()
    {
        var (folder, data, people) = (TrainedModel.FolderOption(), WindowData.FileOption(), WindowData.PeopleOption());
        var format = new Option<string>("--format") { Description = "onnx, onnx-int8 or c.", Required = true };
        var output = Paths.Output("--out", "File to write; for c the .c file, the .h is put beside it.", required: true);
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("export", """
            Write a trained model as ONNX, as ONNX in eight bits, or as plain C99 in eight bits (ESP32, Cortex-M).

            Eight bits take their ranges from windows of the people the model was trained on: give the same --data and --seed.

            Examples:
              citysafe export --model model --format onnx --out model.onnx
              citysafe export --model model --data recordings.npz --format c --out firmware/model.c
            """) { folder, data, people, format, output, seed, json };
        command.SetAction(parse =>
        {
            var (model, file, form) = (TrainedModel.Load(parse.GetValue(folder)!), parse.GetValue(output)!, parse.GetValue(format)!);
            if (form is not ("onnx" or "onnx-int8" or "c")) throw new ArgumentException($"--format {form}: choose onnx, onnx-int8 or c");
            var answer = new JsonObject { ["format"] = form, ["parameters"] = model.Network.Layout.Length, ["float_weight_bytes"] = 4 * model.Network.Layout.Length };
            if (form == "onnx")
            {
                Write(file, OnnxExporter.Export(model.Network, model.Weights.Values), answer);
            }
            else
            {
                var (training, _, _) = WindowData.Load(parse.GetValue(data), parse.GetValue(seed), parse.GetValue(people)).Split(parse.GetValue(seed));
                var representative = training.Sample(parse.GetValue(seed), RepresentativeWindows);
                var quantised = Quantiser.Quantise(model.Network, model.Weights.Values, representative.Examples(model.Scaling), form == "c" ? WeightRange.EightBits : WeightRange.SevenBits);
                answer["representative_windows"] = representative.Windows.Count;
                answer["int8_weight_bytes"] = quantised.Layers.OfType<QuantisedConvolution>().Sum(c => c.Weights.Length);
                if (form == "onnx-int8") Write(file, QuantisedOnnxExporter.Export(quantised), answer);
                else WriteC(file, quantised, answer);
            }
            if (parse.GetValue(json)) Output.Json(answer);
            else foreach (var (name, value) in answer) Output.Data.WriteLine($"{name,-24} {value}");
            return Run.Done;
        });
        return command;
    }

    private static void WriteC(FileInfo file, QuantisedNetwork quantised, JsonObject answer)
    {
        var source = CExporter.Export(quantised, Path.GetFileNameWithoutExtension(file.Name));
        Write(new FileInfo(Path.ChangeExtension(file.FullName, ".h")), Encoding.UTF8.GetBytes(source.Header), answer);
        Write(new FileInfo(Path.ChangeExtension(file.FullName, ".c")), Encoding.UTF8.GetBytes(source.Implementation), answer);
        answer["flash_bytes_of_constants"] = source.ParameterBytes;
        answer["arena_bytes"] = source.ArenaBytes;
    }

    private static void Write(FileInfo file, byte[] bytes, JsonObject answer)
    {
        file.Directory!.Create();
        TrainedModel.Write(file.Directory, file.Name, bytes);
        answer[$"file_bytes {file.Name}"] = bytes.Length;
    }
}
