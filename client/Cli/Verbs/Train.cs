using System.Diagnostics;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Models;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Learning;
using CitySafeSense.Sensing;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`train`: a classifier of windows, where all the data is in one place.</summary>
internal static class Train
{
    private const string CheckpointFile = "checkpoint.bin";
    private const int EpochsPlanned = 40;

    public static Command Command()
    {
        var (data, people) = (WindowData.FileOption(), WindowData.PeopleOption());
        var output = new Option<DirectoryInfo>("--out") { Description = "Folder to write the model to.", Required = true };
        var model = new Option<string>("--model") { Description = $"{string.Join("; ", ModelCatalogue.All.Select(f => $"{f.Name}: {f.Description}"))}; or ASSEMBLY.dll:CLASS, your own.", DefaultValueFactory = _ => "tcn" };
        var settings = new Option<string[]>("--set") { Description = "A setting of the model, key=value; may be repeated.", DefaultValueFactory = _ => [] };
        var epochs = new Option<int?>("--epochs") { Description = $"At most. With --resume more than were planned extend the training: the learning rate begins another cycle. [default: {EpochsPlanned}, or those of the checkpoint]" };
        var batch = new Option<int>("--batch") { Description = "Windows in a batch.", DefaultValueFactory = _ => 32 };
        var optimiser = Choice.Option("--optimiser", "sgd (momentum 0.9), adam or adamw (decay 0.01).", OptimiserKind.AdamW);
        var rate = new Option<double>("--learning-rate") { Description = "The highest.", DefaultValueFactory = _ => 0.003 };
        var schedule = new Option<string>("--schedule") { Description = "constant, steps (a tenth after each third) or cosine.", DefaultValueFactory = _ => "cosine" };
        var patience = new Option<int>("--patience") { Description = "Epochs without a smaller validation loss until training stops; 0 never stops.", DefaultValueFactory = _ => 12 };
        var rotate = new Option<double>("--rotate") { Description = "Turn the sensor of every training window about a random axis, in every epoch anew, by an angle of this standard deviation in degrees, 0 to 180: people wear it differently.", DefaultValueFactory = _ => 30 };
        var balanced = new Option<bool>("--balanced") { Description = "Every class counts the same, however rare." };
        var resume = new Option<bool>("--resume") { Description = "Go on from the checkpoint in --out, with the same bits as if never interrupted." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("train", """
            Train a model on windows of simulated people or of recordings. People are split: those it is judged by it never saw.

            Writes model.json, weights.bin, summary.txt and checkpoint.bin to the folder --out.

            Examples:
              citysafe train --out model
              citysafe train --data recordings.npz --model tcn --set width=32 --epochs 40 --out model
              citysafe train --data recordings.npz --model tcn --set width=32 --resume --epochs 60 --out model
              citysafe data synth --people 20 --out windows.csv; citysafe train --data windows.csv --out model
            """) { data, people, output, model, settings, epochs, batch, optimiser, rate, schedule, patience, rotate, balanced, resume, seed, json };
        command.SetAction(parse =>
        {
            var (folder, chance, degrees) = (parse.GetValue(output)!, parse.GetValue(seed), parse.GetValue(rotate));
            if (degrees is not (>= 0 and <= 180)) throw new ArgumentException("--rotate must be 0 to 180 degrees");
            var loaded = WindowData.Load(parse.GetValue(data), chance, parse.GetValue(people));
            var (training, validation, test) = loaded.Split(chance);
            var scaling = ChannelScaling.Fit(WindowSchema.Default, training.Windows.Select(w => w.Window));
            var (fit, stop, judge) = (training.Examples(scaling), validation.Examples(scaling), test.Examples(scaling));
            var chosen = TrainedModel.Settings(parse.GetValue(settings)!);
            var network = TrainedModel.Family(parse.GetValue(model)!).Build(new ModelRequest(
                TrainedModel.Input, loaded.Classes.Count, chosen, parse.GetValue(balanced) ? CrossEntropy.Balanced(fit, loaded.Classes.Count) : null));
            if (network.Loss is not CrossEntropy) throw new ArgumentException($"{network.Name} learns from images; windows train classifiers");
            var checkpoint = new FileInfo(Path.Combine(folder.FullName, CheckpointFile));
            var resumed = parse.GetValue(resume) ? Resumed(checkpoint) : null;
            var planned = resumed?.Cycles[0] ?? parse.GetValue(epochs) ?? EpochsPlanned;
            var options = new TrainingOptions
            {
                Epochs = planned,
                BatchSize = parse.GetValue(batch),
                Optimiser = parse.GetValue(optimiser),
                Schedule = Schedule(parse.GetValue(schedule)!, parse.GetValue(rate), planned),
                Stopping = new EarlyStopping(parse.GetValue(patience)),
            };
            var trainer = new Trainer(network, options, chance);
            if (resumed is not null)
            {
                trainer.Resume(resumed);
                if (parse.GetValue(epochs) is { } wanted && wanted != resumed.Cycles[^1]) trainer.ExtendTo(wanted);
                if (trainer.IsDone) Output.Note($"nothing is left to train: it ended after epoch {resumed.Epoch}; --epochs with more than {resumed.Cycles[^1]} adds some");
            }
            folder.Create();
            Output.Note($"{network.Name}, {network.Layout.Length} parameters; {fit.Count} windows to train on, {stop.Count} to stop by, {judge.Count} to judge by");
            var started = Stopwatch.GetTimestamp();
            while (!trainer.IsDone)
            {
                var report = trainer.RunEpoch(training.Turned(degrees, chance, trainer.Checkpoint.Epoch).Examples(scaling), stop);
                Output.Note(FormattableString.Invariant($"epoch {report.Epoch + 1,3}  rate {report.Rate:0.00000}  loss {report.Loss:0.0000}  validation {report.ValidationLoss:0.0000}{(report.IsBest ? "  best" : "")}"));
                TrainedModel.Write(folder, CheckpointFile, trainer.Checkpoint.ToBytes());
            }
            var weights = new ParameterVector(trainer.Best.ToArray());
            var evaluation = Evaluation.Of(network, weights.Values, judge, network.CreateWorkspace());
            var card = TrainedModel.CardOf(parse.GetValue(model)!, chosen, network, weights, scaling, loaded.Classes, loaded.Source, new JsonObject
            {
                ["seed"] = chance,
                ["epochs"] = trainer.Checkpoint.Epoch,
                ["rotation_degrees"] = degrees,
                ["best_validation_loss"] = trainer.Checkpoint.BestLoss,
                ["test_windows"] = judge.Count,
                ["test_accuracy"] = evaluation.Classification.Accuracy,
                ["test_macro_f1"] = evaluation.Classification.MacroF1,
            });
            new TrainedModel(network, weights, scaling, loaded.Classes, card).Save(folder);
            var answer = (JsonObject)card.DeepClone();
            answer["training_seconds"] = Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (parse.GetValue(json)) Output.Json(answer);
            else
            {
                Output.Data.WriteLine(ArchitectureSummary.Of(network).ToString());
                Judgement.Print(Judgement.Of(evaluation, loaded.Classes));
            }
            return Run.Done;
        });
        return command;
    }

    /// <exception cref="CommandFailedException">There is no checkpoint.</exception>
    private static Checkpoint Resumed(FileInfo file) => file.Exists ? Checkpoint.FromBytes(File.ReadAllBytes(file.FullName), file.FullName)
        : throw new CommandFailedException($"{file.FullName}: there is no checkpoint to go on from; begin without --resume");

    private static LearningRateSchedule Schedule(string name, double rate, int epochs) => name switch
    {
        "constant" => new LearningRateSchedule.Constant(rate),
        "steps" => new LearningRateSchedule.Steps(rate, 0.1, Math.Max(1, (epochs + 2) / 3)),
        "cosine" => new LearningRateSchedule.Cosine(rate, epochs, 1),
        _ => throw new ArgumentException($"--schedule {name}: choose constant, steps or cosine"),
    };
}
