using System.Text.Json.Nodes;
using CitySafeSense.Learning;

namespace CitySafeSense.EndToEnd;

/// <summary>`train`, `evaluate` and `export`, as a user calls them.</summary>
public sealed class TrainingCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_model_is_trained_judged_in_every_form_and_exported()
    {
        var trained = Json(await Citysafe.Run(folder, "train", "--people", "20", "--epochs", "6", "--out", "model", "--json"));
        Assert.InRange((double)trained["training"]!["test_accuracy"]!, 0.4, 1);
        Assert.True(File.Exists(Path.Combine(folder, "model", "summary.txt")));

        var judged = Json(await Citysafe.Run(folder, "evaluate", "--model", "model", "--people", "20", "--form", "float,int8,onnx,onnx-int8", "--json"));
        Assert.Equal((double)trained["training"]!["test_accuracy"]!, (double)judged["float"]!["accuracy"]!, 1e-12);
        Assert.Equal((double)judged["float"]!["accuracy"]!, (double)judged["onnx"]!["accuracy"]!, 1e-12);
        Assert.Equal((double)judged["float"]!["accuracy"]!, (double)judged["int8"]!["accuracy"]!, 0.03);
        Assert.Equal((double)judged["float"]!["accuracy"]!, (double)judged["onnx-int8"]!["accuracy"]!, 0.03);
        Assert.Equal((long)judged["float"]!["windows"]!, judged["float"]!["confusion"]!.AsArray().Sum(row => row!.AsArray().Sum(n => (long)n!)));

        foreach (var (format, file) in new[] { ("onnx", "m.onnx"), ("onnx-int8", "m8.onnx"), ("c", "m.c") })
        {
            var exported = Json(await Citysafe.Run(folder, "export", "--model", "model", "--people", "20", "--format", format, "--out", file, "--json"));
            Assert.Equal(new FileInfo(Path.Combine(folder, file)).Length, (long)exported[$"file_bytes {file}"]!);
            if (format != "onnx") Assert.True((double)exported["float_weight_bytes"]! / (double)exported["int8_weight_bytes"]! >= 3.5);
        }
        Assert.True(File.Exists(Path.Combine(folder, "m.h")));
    }

    [Fact]
    public async Task Interrupted_training_goes_on_to_the_same_weights()
    {
        string[] settings = ["--people", "10", "--schedule", "constant", "--model", "tcn", "--set", "width=8", "--set", "dilations=1+4"];
        Assert.Equal(0, (await Citysafe.Run(folder, ["train", "--epochs", "4", "--out", "whole", .. settings])).Code);
        Assert.Equal(0, (await Citysafe.Run(folder, ["train", "--epochs", "2", "--out", "parts", .. settings])).Code);
        Assert.Equal(0, (await Citysafe.Run(folder, ["train", "--epochs", "4", "--out", "parts", "--resume", .. settings])).Code);
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(folder, "whole", "weights.bin")), await File.ReadAllBytesAsync(Path.Combine(folder, "parts", "weights.bin")));
    }

    [Fact]
    public async Task A_users_own_model_is_one_class_found_by_name()
    {
        var name = $"{typeof(OwnModel).Assembly.Location}:{nameof(OwnModel)}";
        var trained = Json(await Citysafe.Run(folder, "train", "--people", "10", "--epochs", "2", "--model", name, "--set", "filters=5", "--out", "own", "--json"));
        Assert.Equal(14 * 5 * 5 + 5 + 5 * 7 + 7, (int)trained["architecture"]!["parameters"]!);
        var judged = Json(await Citysafe.Run(folder, "evaluate", "--model", "own", "--people", "10", "--form", "float,onnx", "--json"));
        Assert.Equal((double)judged["float"]!["accuracy"]!, (double)judged["onnx"]!["accuracy"]!, 1e-12);
        Assert.Contains("is no IModelFamily", (await Citysafe.Run(folder, "train", "--model", name.Replace(nameof(OwnModel), nameof(TrainingCommandTests)), "--out", "m")).Error);
    }

    /// <summary>A fault that no message was written for, injected by a model of the user's.</summary>
    [Fact]
    public async Task Unknown_exception_is_one_line_with_the_place_of_a_log()
    {
        var run = await Citysafe.RunWith(folder, [("TMPDIR", folder)], "train", "--people", "5", "--model", $"{typeof(FaultyModel).Assembly.Location}:{nameof(FaultyModel)}", "--out", "m");
        Assert.Equal(1, run.Code);
        Assert.Contains("unexpected fault (NotSupportedException: not of this world)", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        var log = Assert.Single(Directory.GetFiles(folder, "citysafe-fault-*.log"));
        Assert.Contains(log, run.Error);
        Assert.Contains("   at ", await File.ReadAllTextAsync(log));
    }

    [Theory]
    [InlineData("train --out m --model lstm", 2, "there is tcn, mlp")]
    [InlineData("train --out m --set colour=red", 2, "no setting \"colour\"")]
    [InlineData("train --out m --set width", 2, "key=value is needed")]
    [InlineData("train --out m --people 3", 2, "--people must be 5")]
    [InlineData("train --out m --schedule wild --people 5", 2, "choose constant, steps or cosine")]
    [InlineData("train --out m --model missing.dll:Mine", 2, "missing.dll does not exist")]
    [InlineData("evaluate --model nowhere", 1, "holds no model.json")]
    [InlineData("export --model nowhere --format c --out x.c", 1, "holds no model.json")]
    public async Task Misuse_is_one_clear_line_on_stderr(string arguments, int code, string says)
    {
        var run = await Citysafe.Run(folder, arguments.Split(' '));
        Assert.Equal((code, ""), (run.Code, run.Output));
        Assert.Contains(says, run.Error);
    }

    [Fact]
    public async Task A_damaged_model_is_refused_by_name()
    {
        Assert.Equal(0, (await Citysafe.Run(folder, "train", "--people", "5", "--epochs", "1", "--model", "linear", "--out", "model")).Code);
        var weights = Path.Combine(folder, "model", "weights.bin");
        var bytes = await File.ReadAllBytesAsync(weights);
        await File.WriteAllBytesAsync(weights, bytes[..^4]);
        var run = await Citysafe.Run(folder, "evaluate", "--model", "model", "--people", "5");
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("weights.bin does not belong to model.json", run.Error);
        await File.WriteAllTextAsync(Path.Combine(folder, "model", "model.json"), "{\"format\": 1}");
        Assert.Contains("are no model (something is missing)", (await Citysafe.Run(folder, "evaluate", "--model", "model", "--people", "5")).Error);
    }

    private static JsonObject Json((int Code, string Output, string Error) run)
    {
        Assert.True(run.Code == 0, run.Error);
        return JsonNode.Parse(run.Output)!.AsObject();
    }
}

/// <summary>What a user would write.</summary>
public sealed class OwnModel : IModelFamily
{
    public string Name => "own";

    public string Description => "one strided convolution";

    public Network Build(ModelRequest request)
    {
        request.AllowSettings("filters");
        var network = new NetworkBuilder(request.Input);
        var x = network.Convolution("conv", network.Input, request.Integer("filters", 8), new Window(1, 5, 3, 1, 0, 2, 0, 2), Activation.Relu);
        network.Dense("head", network.GlobalAverage("mean", x), request.Classes, Activation.None);
        return network.Build(Name, new CrossEntropy(request.ClassWeights), (_, fanIn) => Math.Sqrt(2.0 / fanIn));
    }
}

/// <summary>Throws what nothing expects.</summary>
public sealed class FaultyModel : IModelFamily
{
    public string Name => "faulty";

    public string Description => "throws";

    public Network Build(ModelRequest request) => throw new NotSupportedException("not of this world");
}
