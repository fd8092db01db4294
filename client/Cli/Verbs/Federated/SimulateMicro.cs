using System.Globalization;
using System.Text.Json.Nodes;
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

    private const int Size = 32;

    public static Command Command()
    {
        var data = new Option<FileInfo>("--data") { Description = "Frames of rooms (.npz), as for `simulate rooms`.", Required = true };
        var rounds = new Option<int>("--rounds") { Description = "Federated rounds.", DefaultValueFactory = _ => 40 };
        var epochs = new Option<int>("--epochs") { Description = "Local epochs in a round.", DefaultValueFactory = _ => 5 };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("micro", """
            Rooms learn an autoencoder of 577 parameters together (FedAvg). It is cut to eight bits and written as C99; the C is
            built and run on every held-out frame and must give the same bits as the arithmetic it came from; it is weighed for a
            Cortex-M4 where arm-none-eabi-gcc is installed; and falls are told from daily life in floats and in eight bits.

            Example: citysafe simulate micro --data rooms.npz --json
            """) { data, rounds, epochs, seed, json };
        command.SetAction(async parse =>
        {
            if (parse.GetValue(rounds) is < 1 or > 1000 || parse.GetValue(epochs) is < 1 or > 1000) throw new ArgumentException("--rounds and --epochs must be 1 to 1000");
            var rooms = SimulateRooms.Rooms(SimulateRooms.Read(parse.GetValue(data)!));
            var options = new RoomExperimentOptions("micro-autoencoder", Size, parse.GetValue(rounds), parse.GetValue(epochs), 0.003, parse.GetValue(seed), Environment.ProcessorCount);
            var run = await RoomExperiment.Run(rooms, "fedavg", options, progress: (round, loss) =>
            {
                if (round % 10 == 0) Output.Note(string.Create(CultureInfo.InvariantCulture, $"round {round} of {options.Rounds}, loss {loss:F5}"));
            });
            var answer = Judge(rooms, run.Global.Values.ToArray(), parse.GetValue(seed));
            if (parse.GetValue(json)) Output.Json(answer);
            else foreach (var (name, value) in answer) Output.Data.WriteLine($"{name,-32} {value?.ToJsonString() ?? "not known here"}");
            return (bool)answer["fits"]! && answer["c_is_bit_identical"]?.GetValue<bool>() is not false ? Run.Done : Run.Failed;
        });
        return command;
    }

    private static JsonObject Judge(ExperimentRoom[] rooms, float[] weights, ulong seed)
    {
        var network = Autoencoders.Micro(Size);
        var quantised = Quantiser.Quantise(network, weights, Examples(rooms.SelectMany(r => r.Training)));
        var source = CExporter.Export(quantised, "model");
        using var build = new MicroBuild(source);
        var heldOut = Examples(rooms.SelectMany(r => r.HeldOut).SelectMany(c => c.Frames));
        var (identical, weight) = (IsIdentical(build, quantised, heldOut), build.Weigh());
        var workspace = network.CreateWorkspace();
        var (inFloats, inBits) = (
            Grade(rooms, seed, (input, output) => network.Infer(weights, input, workspace, output), network.InputLength), Grade(rooms, seed, (input, output) => quantised.Infer(input, output), network.InputLength));
        var memory = (weight?.Memory ?? source.ArenaBytes) + 2 * network.InputLength;
        return new JsonObject
        {
            ["parameters"] = network.Layout.Length,
            ["float_weight_bytes"] = 4 * network.Layout.Length,
            ["int8_constant_bytes"] = source.ParameterBytes,
            ["activation_bytes"] = source.ArenaBytes,
            ["input_and_output_bytes"] = 2 * network.InputLength,
            ["flash_bytes_cortex_m4"] = weight?.Flash,
            ["memory_bytes_cortex_m4"] = weight?.Memory,
            ["memory_budget_bytes"] = Budget,
            ["fits"] = memory <= Budget,
            ["frames_compared"] = heldOut.Count,
            ["c_is_bit_identical"] = identical,
            ["frame_auroc_float"] = SimulateRooms.Figure(inFloats),
            ["frame_auroc_int8"] = SimulateRooms.Figure(inBits),
            ["difference"] = Math.Round(Math.Abs(inFloats.Mean - inBits.Mean), 4),
        };
    }

    /// <summary>The C beside our own integer arithmetic, on every held-out frame; nothing where there is no compiler.</summary>
    private static bool? IsIdentical(MicroBuild build, QuantisedNetwork quantised, Examples frames)
    {
        var (length, inputs) = (frames.InputLength, new sbyte[frames.Count * frames.InputLength]);
        for (var row = 0; row < frames.Count; row++) quantised.QuantiseInput(frames.Input(row), inputs.AsSpan(row * length, length));
        if (build.Run(inputs) is not { } outputs) return null;
        var expected = new sbyte[length];
        for (var row = 0; row < frames.Count; row++)
        {
            quantised.Infer(inputs.AsSpan(row * length, length), expected);
            if (!outputs.AsSpan(row * length, length).SequenceEqual(expected)) return false;
        }
        return outputs.Length == inputs.Length;
    }

    private delegate void Repetition(ReadOnlySpan<float> input, Span<float> output);

    /// <summary>Falls beside daily life, each clip in units of its room's threshold.</summary>
    private static RoomFigure Grade(ExperimentRoom[] rooms, ulong seed, Repetition repeat, int length)
    {
        double[] Scores(IEnumerable<Picture> frames)
        {
            var (examples, output, loss) = (Examples(frames), new float[length], new ReconstructionError());
            return [.. Enumerable.Range(0, examples.Count).Select(row =>
            {
                repeat(examples.Input(row), output);
                return loss.Of(output, examples, row);
            })];
        }
        JudgedClip[] clips = [.. rooms.SelectMany(room => JudgedClip.Of(room.Name, Scores(room.Training), room.HeldOut.Select(c => (c, (IEnumerable<double>)Scores(c.Frames)))))];
        return RoomGrade.Of([clips], true, seed).FrameArea;
    }

    private static Examples Examples(IEnumerable<Picture> frames)
    {
        Picture[] scaled = [.. frames.Select(f => f.Scaled(Size))];
        return new Examples(Picture.Inputs(scaled), new int[scaled.Length], Size * Size * Picture.Colours);
    }
}
