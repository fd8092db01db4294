using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Models;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using CitySafeSense.Sensing.Rooms;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs.Federated;

/// <summary>`simulate micro`: a model for a microcontroller is learned by rooms together, cut to eight bits, weighed, run as C, and asked about falls.</summary>
internal static class SimulateMicro
{
    /// <summary>SRAM of an ESP32.</summary>
    private const int Budget = 512 * 1024;

    private const int MostParameters = 800;

    public static Command Command()
    {
        var data = new Option<string>("--data") { Description = RoomData.Description, Required = true };
        var model = new Option<string>("--model") { Description = "micro-autoencoder or micro-bottleneck-autoencoder.", DefaultValueFactory = _ => "micro-bottleneck-autoencoder" };
        var rounds = new Option<int>("--rounds") { Description = "Federated rounds.", DefaultValueFactory = _ => 400 };
        var epochs = new Option<int>("--epochs") { Description = "Local epochs in a round: more let rooms drift apart.", DefaultValueFactory = _ => 1 };
        var output = new Option<DirectoryInfo?>("--out") { Description = "Also write the C to this folder: model.h and model.c, with a function that makes the input of a camera's frame." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("micro", """
            Rooms learn an autoencoder of at most 800 parameters together (FedAvg). It is cut to eight bits and written as C99; the C
            is built and run on every held-out frame, as a camera has it, and must give the same bits as the arithmetic it came from, here and, where
            qemu-system-arm and arm-none-eabi-gcc are installed, on an emulated Cortex-M4, for which it is also weighed; and falls are
            told from daily life in floats and in eight bits.

            Example: citysafe simulate micro --data rooms.npz --json
            """) { data, model, rounds, epochs, output, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            if (parse.GetValue(rounds) is < 1 or > 1000 || parse.GetValue(epochs) is < 1 or > 1000) throw new ArgumentException("--rounds and --epochs must be 1 to 1000");
            var kind = Autoencoders.Named(parse.GetValue(model)!);
            if (kind.Build(kind.Size).Layout.Length is > MostParameters and var many) throw new ArgumentException($"--model {kind.Name}: {many} parameters, {MostParameters} at most are for a microcontroller");
            var rooms = SimulateRooms.Rooms(await RoomData.Read(parse.GetValue(data)!, null, cancellation));
            var options = new RoomExperimentOptions(kind, parse.GetValue(rounds), parse.GetValue(epochs), 0.003, parse.GetValue(seed), Environment.ProcessorCount);
            var run = await RoomExperiment.Run(rooms, "fedavg", options, progress: (round, loss) =>
            {
                if (round % 100 == 0) Output.Note(string.Create(CultureInfo.InvariantCulture, $"round {round} of {options.Rounds}, loss {loss:F5}"));
            });
            var answer = Judge(kind, rooms, run.Global.Values.ToArray(), parse.GetValue(seed), parse.GetValue(output));
            if (parse.GetValue(json)) Output.Json(answer);
            else foreach (var (name, value) in answer) Output.Data.WriteLine($"{name,-32} {value?.ToJsonString() ?? "not known here"}");
            return (bool)answer["fits"]! && answer["c_is_bit_identical"]?.GetValue<bool>() is not false && answer["cortex_m4_is_bit_identical"]?.GetValue<bool>() is not false ? Run.Done : Run.Failed;
        });
        return command;
    }

    private static JsonObject Judge(Autoencoder kind, ExperimentRoom[] rooms, float[] weights, ulong seed, DirectoryInfo? output)
    {
        var network = kind.Build(kind.Size);
        var quantised = Quantiser.Quantise(network, weights, Examples(kind, rooms.SelectMany(r => r.Training)));
        var source = CExporter.Export(quantised, "model");
        if (output is not null) Save(source, output);
        using var build = new MicroBuild(source);
        Picture[] heldOut = [.. rooms.SelectMany(r => r.HeldOut).SelectMany(c => c.Frames).Select(f => f.Scaled(kind.Size))];
        byte[] frames = [.. heldOut.SelectMany(f => f.Rgb.ToArray())];
        var (expected, here, emulated, weight) = (Reference(quantised, Examples(kind, heldOut)), build.Run(frames), build.Emulate(frames), build.Weigh());
        var workspace = network.CreateWorkspace();
        var (inFloats, inBits) = (
            Grade(kind, rooms, seed, (input, output) => network.Infer(weights, input, workspace, output)), Grade(kind, rooms, seed, (input, output) => quantised.Infer(input, output)));
        var memory = (weight?.Memory ?? source.ArenaBytes) + 2 * network.InputLength;
        return new JsonObject
        {
            ["model"] = kind.Name,
            ["parameters"] = network.Layout.Length,
            ["float_weight_bytes"] = 4 * network.Layout.Length,
            ["int8_constant_bytes"] = source.ParameterBytes,
            ["activation_bytes"] = source.ArenaBytes,
            ["input_and_output_bytes"] = 2 * network.InputLength,
            ["flash_bytes_cortex_m4"] = weight?.Flash,
            ["memory_bytes_cortex_m4"] = weight?.Memory,
            ["memory_budget_bytes"] = Budget,
            ["fits"] = memory <= Budget,
            ["frames_compared"] = heldOut.Length,
            ["c_is_bit_identical"] = here?.SequenceEqual(expected),
            ["cortex_m4_is_bit_identical"] = emulated?.Outputs.SequenceEqual(expected),
            ["cortex_m4_instructions_per_frame"] = emulated is { } e ? Math.Round(e.InstructionsPerFrame) : null,
            ["frame_auroc_float"] = RoomsAnswer.Figure(inFloats),
            ["frame_auroc_int8"] = RoomsAnswer.Figure(inBits),
            ["difference"] = Math.Round(Math.Abs(inFloats.Mean - inBits.Mean), 4),
        };
    }

    private static void Save(CSource source, DirectoryInfo folder)
    {
        folder.Create();
        TrainedModel.Write(folder, "model.h", Encoding.UTF8.GetBytes(source.Header));
        TrainedModel.Write(folder, "model.c", Encoding.UTF8.GetBytes(source.Implementation));
    }

    /// <summary>What our own integer arithmetic makes of every frame.</summary>
    private static sbyte[] Reference(QuantisedNetwork quantised, Examples frames)
    {
        var length = frames.InputLength;
        var (input, outputs) = (new sbyte[length], new sbyte[frames.Count * length]);
        for (var row = 0; row < frames.Count; row++)
        {
            quantised.QuantiseInput(frames.Input(row), input);
            quantised.Infer(input, outputs.AsSpan(row * length, length));
        }
        return outputs;
    }

    private delegate void Repetition(ReadOnlySpan<float> input, Span<float> output);

    /// <summary>Falls beside daily life, each clip in units of its room's threshold.</summary>
    private static RoomFigure Grade(Autoencoder kind, ExperimentRoom[] rooms, ulong seed, Repetition repeat)
    {
        var shape = new Shape(Picture.Colours, kind.Size, kind.Size);
        double[] Scores(IEnumerable<Picture> frames)
        {
            var (examples, output, wrong) = (Examples(kind, frames), new float[shape.Length], new float[shape.Length]);
            return [.. Enumerable.Range(0, examples.Count).Select(row =>
            {
                repeat(examples.Input(row), output);
                return ReconstructionScore.Of(examples.Input(row), output, shape, [], wrong).Mean;
            })];
        }
        JudgedClip[] clips = [.. rooms.SelectMany(room => JudgedClip.Of(Scores(room.Training), room.HeldOut.Select(c => (c, (IEnumerable<double>)Scores(c.Frames)))))];
        return RoomGrade.Of([clips], true, seed).FrameArea;
    }

    private static Examples Examples(Autoencoder kind, IEnumerable<Picture> frames)
    {
        Picture[] scaled = [.. frames.Select(f => f.Scaled(kind.Size))];
        return new Examples(Picture.Inputs(scaled, kind.IsStandardised), new int[scaled.Length], kind.Size * kind.Size * Picture.Colours);
    }
}
