namespace CitySafeSense.Learning;

/// <summary>The loops of the exported C, one text for each kind of layer; the same as those of <see cref="QuantisedNetwork"/>.</summary>
internal static class CKernels
{
    public const string Rounding = """
        /* value / 2^shift to the nearest integer, halves away from zero. */
        static int32_t rounded(int64_t value, int shift)
        {
            const int64_t half = (int64_t)1 << (shift - 1);
            int64_t magnitude = ((value < 0 ? -value : value) + half) >> shift;
            if (magnitude > (int64_t)1 << 30) magnitude = (int64_t)1 << 30;
            return (int32_t)(value < 0 ? -magnitude : magnitude);
        }

        static int8_t saturated(int32_t value)
        {
            return (int8_t)(value < -128 ? -128 : value > 127 ? 127 : value);
        }
        """;

    public const string Types = """
        typedef struct { int height, width, channels; } shape_t;

        typedef struct
        {
            const int8_t *weights;
            const int32_t *bias, *multiplier;
            const uint8_t *shift;
            const int8_t *table; /* of a function that follows; 0 if none does */
            shape_t from, to;
            int taps_high, taps_wide, stride, dilation, top, left;
            int32_t zero_from, zero_to;
        } convolution_t;

        static int8_t finished(const convolution_t *c, int output, int32_t sum)
        {
            const int8_t value = saturated(rounded((int64_t)sum * c->multiplier[output], c->shift[output]) + c->zero_to);
            return c->table ? c->table[value + 128] : value;
        }
        """;

    public const string Dot = """
        static int32_t dot(const convolution_t *c, int output, int tap, const int8_t *pixel)
        {
            const int8_t *weights = c->weights + (output * c->taps_high * c->taps_wide + tap) * c->from.channels;
            int32_t sum = 0;
            for (int i = 0; i < c->from.channels; i++) sum += (pixel[i] - c->zero_from) * weights[i];
            return sum;
        }
        """;

    public const string Convolution = """
        static void convolve(const convolution_t *c, const int8_t *x, int8_t *y)
        {
            for (int row = 0; row < c->to.height; row++)
                for (int column = 0; column < c->to.width; column++)
                    for (int o = 0; o < c->to.channels; o++)
                    {
                        int32_t sum = c->bias[o];
                        for (int ty = 0; ty < c->taps_high; ty++)
                            for (int tx = 0; tx < c->taps_wide; tx++)
                            {
                                const int r = row * c->stride + ty - c->top, k = column * c->stride + tx * c->dilation - c->left;
                                if (r < 0 || r >= c->from.height || k < 0 || k >= c->from.width) continue;
                                sum += dot(c, o, ty * c->taps_wide + tx, x + (r * c->from.width + k) * c->from.channels);
                            }
                        *y++ = finished(c, o, sum);
                    }
        }
        """;

    public const string Transposed = """
        static void convolve_transposed(const convolution_t *c, const int8_t *x, int8_t *y)
        {
            for (int row = 0; row < c->to.height; row++)
                for (int column = 0; column < c->to.width; column++)
                    for (int o = 0; o < c->to.channels; o++)
                    {
                        int32_t sum = c->bias[o];
                        for (int ty = 0; ty < c->taps_high; ty++)
                            for (int tx = 0; tx < c->taps_wide; tx++)
                            {
                                int r = row + c->top - ty, k = column + c->left - tx * c->dilation;
                                if (r < 0 || k < 0 || r % c->stride != 0 || k % c->stride != 0) continue;
                                r /= c->stride;
                                k /= c->stride;
                                if (r >= c->from.height || k >= c->from.width) continue;
                                sum += dot(c, o, ty * c->taps_wide + tx, x + (r * c->from.width + k) * c->from.channels);
                            }
                        *y++ = finished(c, o, sum);
                    }
        }
        """;

    public const string Depthwise = """
        static void convolve_depthwise(const convolution_t *c, const int8_t *x, int8_t *y)
        {
            for (int row = 0; row < c->to.height; row++)
                for (int column = 0; column < c->to.width; column++)
                    for (int o = 0; o < c->to.channels; o++)
                    {
                        int32_t sum = c->bias[o];
                        for (int ty = 0; ty < c->taps_high; ty++)
                            for (int tx = 0; tx < c->taps_wide; tx++)
                            {
                                const int r = row + ty - c->top, k = column + tx * c->dilation - c->left;
                                if (r < 0 || r >= c->from.height || k < 0 || k >= c->from.width) continue;
                                sum += (x[(r * c->from.width + k) * c->from.channels + o] - c->zero_from) * c->weights[(ty * c->taps_wide + tx) * c->to.channels + o];
                            }
                        *y++ = finished(c, o, sum);
                    }
        }
        """;

    public const string MaxPool = """
        static void max_pool(shape_t to, const int8_t *x, int8_t *y)
        {
            const int below = 2 * to.width * to.channels;
            for (int row = 0; row < to.height; row++)
                for (int column = 0; column < to.width; column++)
                    for (int c = 0; c < to.channels; c++)
                    {
                        const int8_t *p = x + 2 * row * below + 2 * column * to.channels + c;
                        const int8_t a = p[0] > p[to.channels] ? p[0] : p[to.channels];
                        const int8_t b = p[below] > p[below + to.channels] ? p[below] : p[below + to.channels];
                        *y++ = a > b ? a : b;
                    }
        }
        """;

    public const string Average = """
        static void average(shape_t from, int32_t zero_from, int32_t multiplier, int shift, int32_t zero_to, const int8_t *x, int8_t *y)
        {
            for (int c = 0; c < from.channels; c++)
            {
                int32_t sum = 0;
                for (int i = 0; i < from.height * from.width; i++) sum += x[i * from.channels + c] - zero_from;
                y[c] = saturated(rounded((int64_t)sum * multiplier, shift) + zero_to);
            }
        }
        """;

    public const string Add = """
        static void add(int n, const int8_t *a, int32_t zero_a, int32_t multiplier_a, const int8_t *b, int32_t zero_b, int32_t multiplier_b, int32_t zero_to, int8_t *y)
        {
            for (int i = 0; i < n; i++)
                y[i] = saturated(rounded((int64_t)(a[i] - zero_a) * multiplier_a + (int64_t)(b[i] - zero_b) * multiplier_b, 20) + zero_to);
        }
        """;
}
