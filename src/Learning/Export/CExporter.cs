using System.Globalization;
using System.Text;

namespace CitySafeSense.Learning;

/// <summary>Two files of C99 that compute a model in eight bits.</summary>
/// <param name="ArenaBytes">Memory for what flows between layers.</param>
/// <param name="ParameterBytes">Constants, which stay in flash.</param>
public sealed record CSource(string Header, string Implementation, int ArenaBytes, int ParameterBytes);

/// <summary>
/// A quantised network as plain C99 for microcontrollers: no library but stdint.h, no allocation, no floating point between
/// input and output; one static block of memory whose size is asserted when it is compiled.
/// </summary>
public static class CExporter
{
    /// <param name="name">A C identifier: prefix of everything in the files, and their name.</param>
    /// <exception cref="ArgumentException">The name is no identifier.</exception>
    public static CSource Export(QuantisedNetwork model, string name)
    {
        if (name.Length is 0 or > 48 || !(char.IsAsciiLetter(name[0]) || name[0] == '_') || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            throw new ArgumentException($"\"{name}\" is no name for C: letters, digits and _, at most 48, not a digit first");
        var plan = new ArenaPlan(model.Network.Nodes);
        return new(Header(model, name, plan), Implementation(model, name, plan), plan.Bytes, model.ParameterBytes);
    }

    /// <summary>A program around an exported model: rows of input come in on stdin, rows of output go out on stdout, eight bits each.</summary>
    /// <param name="name">As it was exported under.</param>
    /// <param name="seesFrames">Rows of input are a camera's frames.</param>
    public static string Filter(string name, bool seesFrames = false) => $$"""
        #include <stdio.h>
        #include "{{name}}.h"

        int main(void)
        {
            static int8_t input[{{name.ToUpperInvariant()}}_INPUT_LENGTH], output[{{name.ToUpperInvariant()}}_OUTPUT_LENGTH];
            static uint8_t row[sizeof input];
            while (fread(row, 1, sizeof row, stdin) == sizeof row)
            {
                {{(seesFrames ? $"{name}_see(row, input);" : "for (uint32_t i = 0; i < sizeof row; i++) input[i] = (int8_t)row[i];")}}
                {{name}}_run(input, output);
                fwrite(output, 1, sizeof output, stdout);
            }
            return 0;
        }
        """;

    private static string Header(QuantisedNetwork model, string name, ArenaPlan plan)
    {
        var (first, last, upper) = (model.Network.Nodes[0].Shape, model.Network.Nodes[^1].Shape, name.ToUpperInvariant());
        return Invariant($$"""
            /* {{model.Network.Name}}, {{model.Network.Layout.Length}} parameters in eight bits. Exported by CitySafeSense; do not edit. */
            #ifndef {{upper}}_H
            #define {{upper}}_H

            #include <stdint.h>

            #ifdef __cplusplus
            extern "C" {
            #endif

            /* Input and output are [height][width][channels]. */
            #define {{upper}}_INPUT_HEIGHT {{first.Height}}
            #define {{upper}}_INPUT_WIDTH {{first.Width}}
            #define {{upper}}_INPUT_CHANNELS {{first.Channels}}
            #define {{upper}}_INPUT_LENGTH {{first.Length}}
            #define {{upper}}_OUTPUT_LENGTH {{last.Length}}

            /* real = scale * (q - zero) */
            #define {{upper}}_INPUT_SCALE {{Real(model.Input.Scale)}}
            #define {{upper}}_INPUT_ZERO {{model.Input.ZeroPoint}}
            #define {{upper}}_OUTPUT_SCALE {{Real(model.Output.Scale)}}
            #define {{upper}}_OUTPUT_ZERO {{model.Output.ZeroPoint}}

            /* Memory for what flows between layers, static in the implementation. */
            #define {{upper}}_ARENA_BYTES {{plan.Bytes}}

            /* One inference; not for several threads at once. Input and output must not overlap. */
            void {{name}}_run(const int8_t input[{{upper}}_INPUT_LENGTH], int8_t output[{{upper}}_OUTPUT_LENGTH]);

            /* The nearest eight bits of a real input; NaN becomes zero. */
            int8_t {{name}}_quantise(float real);

            {{(Camera(model) is { } camera ? CFrames.Declaration(name, upper, camera.IsStandardised) : "")}}
            #ifdef __cplusplus
            }
            #endif

            #endif

            """);
    }

    private static string Implementation(QuantisedNetwork model, string name, ArenaPlan plan)
    {
        var (text, upper) = (new StringBuilder(), name.ToUpperInvariant());
        text.Append(Invariant($$"""
            /* {{model.Network.Name}} in C99. Exported by CitySafeSense; do not edit. */
            #include "{{name}}.h"

            static int8_t arena[{{Math.Max(1, plan.Bytes)}}];
            typedef char the_arena_has_the_size_that_is_declared[sizeof arena == ({{upper}}_ARENA_BYTES > 0 ? {{upper}}_ARENA_BYTES : 1) ? 1 : -1];


            """));
        var kinds = model.Layers.Select(l => l.Node).ToArray();
        Append(text, CKernels.Rounding, true);
        Append(text, CKernels.Types, model.Layers.Any(l => l is QuantisedMaxPool or QuantisedGlobalAverage or QuantisedConvolution));
        Append(text, CKernels.Dot, kinds.Any(n => n is ConvolutionNode or TransposedConvolutionNode));
        Append(text, CKernels.Convolution, kinds.Any(n => n is ConvolutionNode));
        Append(text, CKernels.Transposed, kinds.Any(n => n is TransposedConvolutionNode));
        Append(text, CKernels.Depthwise, kinds.Any(n => n is DepthwiseNode));
        Append(text, CKernels.MaxPool, kinds.Any(n => n is MaxPoolNode));
        Append(text, CKernels.Average, kinds.Any(n => n is GlobalAverageNode));
        Append(text, CKernels.Add, kinds.Any(n => n is AddNode));
        for (var i = 1; i < model.Layers.Count; i++)
            if (model.Layers[i] is QuantisedConvolution layer) Convolution(text, model, layer, i);
        text.Append(Invariant($"void {name}_run(const int8_t input[{upper}_INPUT_LENGTH], int8_t output[{upper}_OUTPUT_LENGTH])\n{{\n"));
        for (var i = 1; i < model.Layers.Count; i++) text.Append("    ").Append(Call(model, i, node => Place(model, plan, node))).Append('\n');
        text.Append("}\n\n");
        text.Append(Invariant($$"""
            int8_t {{name}}_quantise(float real)
            {
                const float scaled = real * {{Real(1 / model.Input.Scale)}};
                const float bounded = scaled != scaled ? 0.0f : scaled < -512.0f ? -512.0f : scaled > 512.0f ? 512.0f : scaled;
                return saturated((int32_t)(bounded + (bounded >= 0.0f ? 0.5f : -0.5f)) + {{upper}}_INPUT_ZERO);
            }

            """));
        if (Camera(model) is { } camera) text.Append('\n').Append(CFrames.Definition(name, upper, camera.IsStandardised));
        return text.ToString();
    }

    /// <summary>How the model wants to see frames, where it is one of those that do.</summary>
    private static Autoencoder? Camera(QuantisedNetwork model) => Autoencoders.All.FirstOrDefault(a => a.Name == model.Network.Name);

    private static string Call(QuantisedNetwork model, int i, Func<int, string> place)
    {
        var (layer, layers) = (model.Layers[i], model.Layers);
        return layer switch
        {
            QuantisedConvolution { Node: ConvolutionNode n } => $"convolve(&layer{i}, {place(n.Input)}, {place(i)});",
            QuantisedConvolution { Node: TransposedConvolutionNode n } => $"convolve_transposed(&layer{i}, {place(n.Input)}, {place(i)});",
            QuantisedConvolution { Node: DepthwiseNode n } => $"convolve_depthwise(&layer{i}, {place(n.Input)}, {place(i)});",
            QuantisedMaxPool { Node: MaxPoolNode n } => $"max_pool((shape_t){{{Of(n.Shape)}}}, {place(n.Input)}, {place(i)});",
            QuantisedGlobalAverage { Node: GlobalAverageNode n } g => Invariant($"average((shape_t){{{Of(model.Network.Nodes[n.Input].Shape)}}}, {layers[n.Input].Output.ZeroPoint}, {g.Factor.Multiplier}, {g.Factor.Shift}, {g.Output.ZeroPoint}, {place(n.Input)}, {place(i)});"),
            QuantisedAdd { Node: AddNode n } a => Invariant($"add({n.Shape.Length}, {place(n.First)}, {layers[n.First].Output.ZeroPoint}, {a.FirstMultiplier}, {place(n.Second)}, {layers[n.Second].Output.ZeroPoint}, {a.SecondMultiplier}, {a.Output.ZeroPoint}, {place(i)});"),
            _ => throw new NotSupportedException($"{layer.Node.Name}: {layer.GetType().Name} cannot be exported"),
        };
    }

    private static string Place(QuantisedNetwork model, ArenaPlan plan, int node) =>
        node == 0 ? "input" : node == model.Layers.Count - 1 ? "output" : Invariant($"arena + {plan.OffsetOf(node)}");

    private static void Convolution(StringBuilder text, QuantisedNetwork model, QuantisedConvolution layer, int i)
    {
        var window = ((WeightedNode)layer.Node).Window;
        var from = layer.Node.Inputs[0];
        text.Append(Invariant($"/* {layer.Node.Name}: {model.Network.Nodes[from].Shape} -> {layer.Node.Shape} */\n"));
        Values(text, Invariant($"static const int8_t weights{i}[{layer.Weights.Length}]"), layer.Weights);
        Values(text, Invariant($"static const int32_t bias{i}[{layer.Bias.Length}]"), layer.Bias);
        Values(text, Invariant($"static const int32_t multiplier{i}[{layer.Factors.Length}]"), layer.Factors.Select(f => f.Multiplier));
        Values(text, Invariant($"static const uint8_t shift{i}[{layer.Factors.Length}]"), layer.Factors.Select(f => f.Shift));
        if (layer.Table is not null) Values(text, Invariant($"static const int8_t table{i}[256]"), layer.Table);
        text.Append(Invariant($"""
            static const convolution_t layer{i} = {"{"} weights{i}, bias{i}, multiplier{i}, shift{i}, {(layer.Table is null ? "0" : $"table{i}")}, {"{"} {Of(model.Network.Nodes[from].Shape)} {"}"}, {"{"} {Of(layer.Node.Shape)} {"}"},
                {window.Height}, {window.Width}, {window.Stride}, {window.Dilation}, {window.Top}, {window.Left}, {model.Layers[from].Output.ZeroPoint}, {layer.BeforeTable.ZeroPoint} {"}"};


            """));
    }

    private static void Values<T>(StringBuilder text, string declaration, IEnumerable<T> values)
        where T : IFormattable
    {
        text.Append(declaration).Append(" = {");
        var column = 0;
        foreach (var value in values) text.Append(column++ % 24 == 0 ? "\n    " : " ").Append(value.ToString(null, CultureInfo.InvariantCulture)).Append(',');
        text.Append("\n};\n");
    }

    private static void Append(StringBuilder text, string kernel, bool isNeeded)
    {
        if (isNeeded) text.Append(kernel).Append("\n\n");
    }

    private static string Of(Shape shape) => Invariant($"{shape.Height}, {shape.Width}, {shape.Channels}");

    /// <summary>Nine digits say a float exactly.</summary>
    private static string Real(float value) => value.ToString("0.########e+00", CultureInfo.InvariantCulture) + "f";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
