using System.Globalization;

namespace CitySafeSense.Learning;

/// <summary>What somebody wants of a model.</summary>
/// <param name="Input">[channels, height, width]; a window of signals has height 1.</param>
/// <param name="Classes">Of a classifier; an autoencoder does not look at it.</param>
/// <param name="Settings">Of this kind of model, by name.</param>
public sealed record ModelRequest(Shape Input, int Classes, IReadOnlyDictionary<string, string> Settings, IReadOnlyList<double>? ClassWeights = null)
{
    /// <summary>Settings from key=value with spaces between them.</summary>
    public static IReadOnlyDictionary<string, string> ParseSettings(string text)
    {
        var settings = new Dictionary<string, string>();
        foreach (var part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            settings[part.Split('=', 2)[0]] = part.Contains('=') ? part.Split('=', 2)[1] : "";
        return settings;
    }

    /// <summary>A setting as an integer.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public int Integer(string name, int otherwise) => !Settings.TryGetValue(name, out var text) ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
        : throw new ArgumentException($"{name}={text}: a whole number is needed");

    /// <summary>A setting as integers with + between them.</summary>
    /// <exception cref="ArgumentException">They are none.</exception>
    public IReadOnlyList<int> Integers(string name, IReadOnlyList<int> otherwise) => !Settings.TryGetValue(name, out var text) ? otherwise
        : [.. text.Split('+').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw new ArgumentException($"{name}={text}: whole numbers with + between them are needed"))];

    /// <exception cref="ArgumentException">A setting is given that the model does not have.</exception>
    public void AllowSettings(params string[] names)
    {
        if (Settings.Keys.FirstOrDefault(k => !names.Contains(k)) is { } unknown)
            throw new ArgumentException($"there is no setting \"{unknown}\"; there {(names.Length == 0 ? "are none" : $"is {string.Join(", ", names)}")}");
    }
}

/// <summary>A kind of model. Who has one of their own writes one class that implements this, with a constructor without parameters.</summary>
public interface IModelFamily
{
    string Name { get; }

    /// <summary>What it is for and which settings it has, in a line.</summary>
    string Description { get; }

    /// <exception cref="ArgumentException">It cannot be built so; says which setting or shape does not fit.</exception>
    Network Build(ModelRequest request);
}

/// <summary>The kinds of model that come with the product, by name.</summary>
public static class ModelCatalogue
{
    public static IReadOnlyList<IModelFamily> All { get; } =
    [
        new Family("tcn", "causal dilated network over a window; settings: width=24, kernel=3, dilations=1+2+4+8+16+32, convolutions=1 a block", BuildTcn),
        new Family("mlp", "dense layers over a window; setting: hidden=64, or more layers as 64+32", request =>
        {
            request.AllowSettings("hidden");
            return Mlp.Build(Vector(request), request.Integers("hidden", [64]), request.Classes, request.ClassWeights);
        }),
        new Family("linear", "logistic regression over a window, the baseline", request =>
        {
            request.AllowSettings();
            return LinearClassifier.Build(Vector(request), request.Classes, request.ClassWeights);
        }),
        .. Autoencoders.All.Select(a => new Family(a.Name, a.Description, request => a.Build(Square(request)))),
    ];

    /// <exception cref="ArgumentException">No model is called so.</exception>
    public static IModelFamily Named(string name) =>
        All.FirstOrDefault(f => f.Name == name) ?? throw new ArgumentException($"\"{name}\" is no model; there is {string.Join(", ", All.Select(f => f.Name))}");

    private static Network BuildTcn(ModelRequest request)
    {
        request.AllowSettings("width", "kernel", "dilations", "convolutions");
        if (request.Input.Height != 1) throw new ArgumentException($"tcn takes signals, not images of {request.Input}");
        var usual = TcnOptions.Default(request.Input.Channels, request.Input.Width, request.Classes);
        return Tcn.Build(usual with
        {
            Width = request.Integer("width", usual.Width),
            Kernel = request.Integer("kernel", usual.Kernel),
            Dilations = request.Integers("dilations", usual.Dilations),
            ConvolutionsPerBlock = request.Integer("convolutions", usual.ConvolutionsPerBlock),
        }, request.ClassWeights);
    }

    /// <summary>Dense layers see a window as one long vector.</summary>
    private static int Vector(ModelRequest request) => request.Input.Length;

    private static int Square(ModelRequest request)
    {
        request.AllowSettings();
        return request.Input.Channels == 3 && request.Input.Height == request.Input.Width ? request.Input.Width : throw new ArgumentException($"an autoencoder takes square images of three colours, not {request.Input}");
    }

    private sealed record Family(string Name, string Description, Func<ModelRequest, Network> Builder) : IModelFamily
    {
        public Network Build(ModelRequest request) => Builder(request);
    }
}
