using CitySafeSense.Numerics;
using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using CitySafeSense.Sensing.Rooms;

namespace CitySafeSense.Cli.Charts;

/// <summary>What rooms made of their clips, to look at.</summary>
internal static class RoomCharts
{
    /// <summary>Scores over time, clip by clip, with the threshold; frames of a fall are marked.</summary>
    public static JsonObject Scores(string strategy, IReadOnlyList<JudgedClip> clips)
    {
        var chart = VegaLite.Chart($"{strategy}: how far frames lie from ordinary life; 1 is the room's threshold", clips.SelectMany(clip => clip.Scores.Select((score, frame) => new JsonObject
        {
            ["clip"] = $"{clip.Room}, {clip.Clip.Name}",
            ["second"] = Math.Round(clip.Clip.Seconds[frame], 2),
            ["score"] = Math.Round(score, 4),
            ["shows"] = Word(clip.Clip.Kinds[frame]),
            ["told"] = score > 1 ? "out of the ordinary" : "ordinary",
        })));
        chart["facet"] = new JsonObject { ["field"] = "clip", ["type"] = "nominal", ["title"] = null };
        chart["columns"] = 4;
        var time = VegaLite.Field("second", "quantitative");
        var height = VegaLite.Field("score", "quantitative");
        chart["spec"] = new JsonObject
        {
            ["width"] = 180,
            ["height"] = 90,
            ["layer"] = new JsonArray(
                new JsonObject { ["mark"] = new JsonObject { ["type"] = "line", ["color"] = "#999" }, ["encoding"] = new JsonObject { ["x"] = time.DeepClone(), ["y"] = height.DeepClone() } },
                new JsonObject
                {
                    ["mark"] = new JsonObject { ["type"] = "point", ["filled"] = true, ["size"] = 28 },
                    ["encoding"] = new JsonObject
                    {
                        ["x"] = time,
                        ["y"] = height,
                        ["color"] = new JsonObject { ["field"] = "shows", ["type"] = "nominal", ["scale"] = Colours() },
                        ["shape"] = new JsonObject { ["field"] = "told", ["type"] = "nominal", ["scale"] = new JsonObject { ["domain"] = new JsonArray("ordinary", "out of the ordinary"), ["range"] = new JsonArray("circle", "triangle-up") } },
                    },
                },
                new JsonObject { ["mark"] = new JsonObject { ["type"] = "rule", ["strokeDash"] = new JsonArray(4, 4) }, ["encoding"] = new JsonObject { ["y"] = new JsonObject { ["datum"] = 1 } } }),
        };
        return chart;
    }

    /// <summary>Falls beside held-out daily life, all rooms in units of their own thresholds.</summary>
    public static JsonObject Roc(IReadOnlyList<(string Strategy, IReadOnlyList<JudgedClip> Clips)> judged)
    {
        var chart = VegaLite.Chart("Frames of falls told from frames of daily life", judged.SelectMany(j =>
        {
            var (scores, fall) = JudgedClip.Told(j.Clips, k => k == FrameKind.Daily);
            var name = string.Create(CultureInfo.InvariantCulture, $"{j.Strategy} ({RocArea.Of(scores, fall):F2})");
            return RocCurve.Of(scores, fall).Select((p, i) => new JsonObject { ["strategy"] = name, ["order"] = i, ["false"] = Math.Round(p.FalsePositives, 4), ["true"] = Math.Round(p.TruePositives, 4) });
        }));
        (chart["width"], chart["height"]) = (420, 420);
        var colour = VegaLite.Field("strategy", "nominal", "strategy (area)");
        colour["legend"] = new JsonObject { ["labelLimit"] = 320 };
        chart["mark"] = new JsonObject { ["type"] = "line", ["interpolate"] = "linear" };
        chart["encoding"] = new JsonObject
        {
            ["x"] = VegaLite.Field("false", "quantitative", "daily frames taken for a fall"),
            ["y"] = VegaLite.Field("true", "quantitative", "frames of falls noticed"),
            ["order"] = VegaLite.Field("order", "quantitative"),
            ["color"] = colour,
        };
        return chart;
    }

    /// <summary>For each room the most ordinary of its daily frames and the least ordinary of its falls: what went in, what came out, and where they differ.</summary>
    /// <param name="weights">Of the model that all rooms made.</param>
    public static JsonObject Reconstructions(Autoencoder kind, float[] weights, IReadOnlyList<JudgedClip> clips)
    {
        var (network, rows) = (kind.Build(kind.Size), new List<JsonObject>());
        var (workspace, output) = (network.CreateWorkspace(), new float[network.Outputs]);
        foreach (var room in clips.GroupBy(c => c.Room))
        {
            var frames = room.SelectMany(c => c.Clip.Frames.Zip(c.Clip.Kinds, c.Scores)).ToArray();
            var ordinary = frames.Where(f => f.Second == FrameKind.Daily).OrderBy(f => f.Third).Select(f => (Picture?)f.First).FirstOrDefault();
            var extraordinary = frames.Where(f => f.Second == FrameKind.Fall).OrderByDescending(f => f.Third).Select(f => (Picture?)f.First).FirstOrDefault();
            Add(room.Key, "daily life", ordinary);
            Add(room.Key, "fall", extraordinary);
        }
        var chart = VegaLite.Chart("What went in, what came out, where they differ", rows);
        chart["width"] = new JsonObject { ["step"] = 140 };
        chart["height"] = new JsonObject { ["step"] = 140 };
        chart["mark"] = new JsonObject { ["type"] = "image", ["width"] = 128, ["height"] = 128 };
        var column = VegaLite.Field("part", "nominal", "");
        column["sort"] = new JsonArray("input", "reconstruction", "error");
        column["axis"] = new JsonObject { ["orient"] = "top", ["labelAngle"] = 0 };
        chart["encoding"] = new JsonObject { ["x"] = column, ["y"] = VegaLite.Field("row", "nominal", ""), ["url"] = new JsonObject { ["field"] = "picture", ["type"] = "nominal" } };
        return chart;

        void Add(string room, string what, Picture? frame)
        {
            if (frame is null) return;
            var input = Picture.Inputs([frame.Scaled(kind.Size)], kind.IsStandardised);
            network.Infer(weights, input, workspace, output);
            foreach (var (part, picture) in new[] { ("input", Visible(input, kind)), ("reconstruction", Visible(output, kind)), ("error", Error(input, output, kind)) })
                rows.Add(new JsonObject { ["row"] = $"{room}, {what}", ["part"] = part, ["picture"] = Png.Address(picture) });
        }
    }

    /// <summary>What a model sees, as a picture: of standardised numbers two deviations to each side are shown.</summary>
    private static Picture Visible(ReadOnlySpan<float> values, Autoencoder kind)
    {
        var pixels = kind.Size * kind.Size;
        var rgb = new byte[pixels * Picture.Colours];
        for (var pixel = 0; pixel < pixels; pixel++)
            for (var colour = 0; colour < Picture.Colours; colour++)
            {
                var value = values[colour * pixels + pixel];
                rgb[pixel * Picture.Colours + colour] = (byte)Math.Clamp(255 * (kind.IsStandardised ? (value + 2) / 4 : value), 0, 255);
            }
        return new(kind.Size, kind.Size, rgb);
    }

    /// <summary>The root of each pixel's mean squared difference; white is the largest.</summary>
    private static Picture Error(ReadOnlySpan<float> input, ReadOnlySpan<float> output, Autoencoder kind)
    {
        var pixels = kind.Size * kind.Size;
        var errors = new double[pixels];
        for (var i = 0; i < input.Length; i++) errors[i % pixels] += Elementary.Power(output[i] - input[i], 2) / Picture.Colours;
        var largest = Math.Max(1e-12, Math.Sqrt(errors.Max()));
        return new(kind.Size, kind.Size, [.. errors.SelectMany(e => Enumerable.Repeat((byte)(255 * Math.Sqrt(e) / largest), Picture.Colours))]);
    }

    private static JsonObject Colours() => new()
    {
        ["domain"] = new JsonArray([.. Enum.GetValues<FrameKind>().Select(k => JsonValue.Create(Word(k)))]),
        ["range"] = new JsonArray("#4c78a8", "#9ecae9", "#e45756", "#bab0ac"),
    };

    private static string Word(FrameKind kind) => kind switch
    {
        FrameKind.Daily => "daily life",
        FrameKind.BeforeFall => "before a fall",
        FrameKind.Fall => "fall",
        _ => "after it",
    };
}
