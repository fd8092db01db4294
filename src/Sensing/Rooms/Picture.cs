namespace CitySafeSense.Sensing.Rooms;

/// <summary>A frame of a camera: red, green and blue of each pixel, row by row from the top.</summary>
public sealed class Picture
{
    public const int Colours = 3;

    /// <summary>Halves of a step: a tenth of white.</summary>
    private const long DeviationMin = 51;

    private readonly byte[] rgb;

    /// <param name="rgb">[height, width, 3]. Kept.</param>
    /// <exception cref="ArgumentException">There are not as many bytes as pixels need.</exception>
    public Picture(int width, int height, byte[] rgb)
    {
        if (width < 1 || height < 1 || rgb.Length != width * height * Colours) throw new ArgumentException($"a picture of {width} x {height} has {(long)width * height * Colours} bytes, not {rgb.Length}");
        (Width, Height, this.rgb) = (width, height, rgb);
    }

    public int Width { get; }
    public int Height { get; }
    public ReadOnlySpan<byte> Rgb => rgb;

    /// <summary>
    /// Made square: each new pixel is the mean of what it covers of the old ones, shares of pixels too. What is wider than high is pressed
    /// together; nothing is cut off, since what matters may be at the edge.
    /// </summary>
    public Picture Scaled(int size)
    {
        if (size == Width && size == Height) return this;
        var (columns, rows, scaled) = (Shares(Width, size), Shares(Height, size), new byte[size * size * Colours]);
        for (var y = 0; y < size; y++)
            for (var x = 0; x < size; x++)
                for (var colour = 0; colour < Colours; colour++)
                {
                    var sum = 0.0;
                    foreach (var (row, high) in rows[y])
                        foreach (var (column, wide) in columns[x]) sum += high * wide * rgb[(row * Width + column) * Colours + colour];
                    scaled[(y * size + x) * Colours + colour] = (byte)Math.Clamp(Math.Round(sum), 0, 255);
                }
        return new(size, size, scaled);
    }

    /// <summary>As models see it: [3, height, width], 0 to 1.</summary>
    public void Write(Span<float> input)
    {
        var pixels = Width * Height;
        if (input.Length != pixels * Colours) throw new ArgumentException($"a picture of {Width} x {Height} is {pixels * Colours} numbers, not {input.Length}");
        for (var pixel = 0; pixel < pixels; pixel++)
            for (var colour = 0; colour < Colours; colour++) input[colour * pixels + pixel] = rgb[pixel * Colours + colour] / 255f;
    }

    /// <summary>
    /// The same with each colour at mean 0 and deviation 1: more light, or light of another colour, makes the same numbers. Of a bare wall the deviation is less:
    /// its noise is not made as loud as what may come to stand before it.
    /// </summary>
    /// <remarks>Sums and the root are whole numbers, and one division of two floats is left: exported C gives the same bits.</remarks>
    public void WriteStandardised(Span<float> input)
    {
        long pixels = Width * Height;
        if (input.Length != pixels * Colours) throw new ArgumentException($"a picture of {Width} x {Height} is {pixels * Colours} numbers, not {input.Length}");
        for (var colour = 0; colour < Colours; colour++)
        {
            var (sum, squares) = (0L, 0L);
            for (var i = colour; i < rgb.Length; i += Colours) (sum, squares) = (sum + rgb[i], squares + rgb[i] * rgb[i]);
            float deviation = Math.Max(DeviationMin * pixels / 2, Root(pixels * squares - sum * sum)); // as many times as there are pixels
            for (var pixel = 0; pixel < pixels; pixel++) input[colour * (int)pixels + pixel] = (rgb[pixel * Colours + colour] * pixels - sum) / deviation;
        }
    }

    /// <summary>Pictures of one size as models see them, one behind the other.</summary>
    public static float[] Inputs(IReadOnlyList<Picture> pictures, bool areStandardised)
    {
        var length = pictures.Count == 0 ? 0 : pictures[0].rgb.Length;
        var inputs = new float[pictures.Count * length];
        for (var i = 0; i < pictures.Count; i++)
        {
            var input = inputs.AsSpan(i * length, length);
            if (areStandardised) pictures[i].WriteStandardised(input);
            else pictures[i].Write(input);
        }
        return inputs;
    }

    /// <summary>The largest whole number whose square is not above it.</summary>
    private static long Root(long value)
    {
        var root = (long)Math.Sqrt(value);
        while (root * root > value) root--;
        while ((root + 1) * (root + 1) <= value) root++;
        return root;
    }

    /// <summary>For each new pixel the old ones it covers along one side, with weights that sum to one.</summary>
    private static (int At, double Share)[][] Shares(int old, int size) =>
        [.. Enumerable.Range(0, size).Select(i =>
        {
            var (from, to) = (i * (double)old / size, (i + 1) * (double)old / size);
            return Enumerable.Range((int)from, (int)Math.Ceiling(to) - (int)from).Select(at => (at, (Math.Min(to, at + 1) - Math.Max(from, at)) / (to - from))).ToArray();
        })];
}
