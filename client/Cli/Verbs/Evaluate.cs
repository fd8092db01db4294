using System.Diagnostics;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Models;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Learning;
using CitySafeSense.OnnxRuntime;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`evaluate`: a trained model on people it never saw, in any of the forms it can be exported to.</summary>
internal static class Evaluate
{
    private const int WarmUpWindows = 500;

    public static Command Command()
    {
        var (folder, data, people) = (TrainedModel.FolderOption(), WindowData.FileOption(), WindowData.PeopleOption());
        var forms = new Option<string>("--form") { Description = "Comma-separated: float, int8 (as the exported C computes), onnx, onnx-int8 (both in ONNX Runtime).", DefaultValueFactory = _ => "float" };
        var everybody = new Option<bool>("--everybody") { Description = "Judge by everybody in the data, not by the fifth that `train` with the same data and seed kept apart." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("evaluate", """
            Accuracy, macro F1, precision and recall of each class, the confusion matrix, and the latency of one window.

            With the data and the seed that the model was trained with, it is judged by people it never saw.

            Example: citysafe evaluate --model model --data recordings.npz --form float,int8,onnx-int8
            """) { folder, data, people, forms, everybody, seed, json };
        command.SetAction(parse =>
        {
            var model = TrainedModel.Load(parse.GetValue(folder)!);
            var loaded = WindowData.Load(parse.GetValue(data), parse.GetValue(seed), parse.GetValue(people));
            if (!loaded.Classes.SequenceEqual(model.Classes)) throw new ArgumentException($"the model tells {string.Join(", ", model.Classes)} apart; {loaded.Source} has {string.Join(", ", loaded.Classes)}");
            var (training, _, test) = loaded.Split(parse.GetValue(seed));
            var examples = (parse.GetValue(everybody) ? loaded : test).Examples(model.Scaling);
            var representative = new Lazy<Examples>(() => training.Sample(parse.GetValue(seed), Export.RepresentativeWindows).Examples(model.Scaling));
            var answer = new JsonObject { ["model"] = model.Network.Name, ["data"] = loaded.Source };
            string[] chosen = parse.GetValue(forms)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (chosen.Length == 0) throw new ArgumentException("--form names none: choose of float, int8, onnx, onnx-int8");
            foreach (var form in chosen)
            {
                var judged = Judge(form, model, examples, representative);
                answer[form] = judged;
                if (parse.GetValue(json)) continue;
                Output.Data.WriteLine(FormattableString.Invariant($"{form}: {(double)judged["latency_microseconds_median"]!:0} us for a window (median), {(double)judged["latency_microseconds_p99"]!:0} us for all but one of a hundred"));
                Judgement.Print(judged);
            }
            if (parse.GetValue(json)) Output.Json(answer);
            return Run.Done;
        });
        return command;
    }

    private static JsonObject Judge(string form, TrainedModel model, Examples examples, Lazy<Examples> representative)
    {
        var (network, weights) = (model.Network, model.Weights);
        switch (form)
        {
            case "float":
                var workspace = network.CreateWorkspace();
                return Judge(model, examples, (input, logits) => network.Infer(weights.Values, input, workspace, logits));
            case "int8":
                var quantised = Quantiser.Quantise(network, weights.Values, representative.Value);
                return Judge(model, examples, (input, logits) => quantised.Infer(input, logits));
            case "onnx":
                return InOnnxRuntime(OnnxExporter.Export(network, weights.Values), form, model, examples);
            case "onnx-int8":
                return InOnnxRuntime(QuantisedOnnxExporter.Export(Quantiser.Quantise(network, weights.Values, representative.Value, WeightRange.SevenBits)), form, model, examples);
            default:
                throw new ArgumentException($"--form {form}: choose of float, int8, onnx, onnx-int8");
        }
    }

    private static JsonObject InOnnxRuntime(byte[] file, string form, TrainedModel model, Examples examples)
    {
        using var session = new OnnxModel(file, form);
        var judged = Judge(model, examples, (input, logits) => session.Run(input.ToArray(), "logits").CopyTo(logits));
        judged["file_bytes"] = file.Length;
        return judged;
    }

    private delegate void Inference(ReadOnlySpan<float> input, Span<float> logits);

    private static JsonObject Judge(TrainedModel model, Examples examples, Inference infer)
    {
        var (classification, loss, logits, microseconds) = (new Classification(model.Classes.Count), 0.0, new float[model.Classes.Count], new double[examples.Count]);
        // Until the code is as it is in a program that has run for a while.
        for (var n = 0; n < WarmUpWindows; n++) infer(examples.Input(n % examples.Count), logits);
        for (var row = 0; row < examples.Count; row++)
        {
            var started = Stopwatch.GetTimestamp();
            infer(examples.Input(row), logits);
            microseconds[row] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
            classification.Add(examples.Label(row), Classification.ArgMax(logits));
            loss += Softmax.CrossEntropy(logits, examples.Label(row));
        }
        Array.Sort(microseconds);
        var judged = Judgement.Of(new Evaluation(classification, loss / examples.Count), model.Classes);
        judged["latency_microseconds_median"] = microseconds[microseconds.Length / 2];
        judged["latency_microseconds_p99"] = microseconds[microseconds.Length * 99 / 100];
        return judged;
    }
}
