namespace CitySafeSense.Learning;

/// <summary>C99 that makes an autoencoder's input of a camera's frame, to the same bits as readers of recordings do.</summary>
internal static class CFrames
{
    public static string Declaration(string name, string upper, bool isStandardised) => $$"""
        /* Input of a camera's frame, [height][width][3] bytes of red, green, blue{{(isStandardised ? ": each colour at mean 0 and deviation 1 (at least a tenth of white)" : "")}}. */
        void {{name}}_see(const uint8_t frame[{{upper}}_INPUT_LENGTH], int8_t input[{{upper}}_INPUT_LENGTH]);

        """;

    public static string Definition(string name, string upper, bool isStandardised) => isStandardised ? Standardised(name, upper) : $$"""
        void {{name}}_see(const uint8_t frame[{{upper}}_INPUT_LENGTH], int8_t input[{{upper}}_INPUT_LENGTH])
        {
            int8_t seen[256];
            for (int32_t v = 0; v < 256; v++) seen[v] = {{name}}_quantise((float)v / 255.0f);
            for (int32_t i = 0; i < {{upper}}_INPUT_LENGTH; i++) input[i] = seen[frame[i]];
        }

        """;

    private static string Standardised(string name, string upper) => $$"""
        static uint64_t root(uint64_t value)
        {
            uint64_t result = 0;
            for (uint64_t bit = (uint64_t)1 << 62; bit != 0; bit >>= 2)
            {
                if (value >= result + bit)
                {
                    value -= result + bit;
                    result = (result >> 1) + bit;
                }
                else
                    result >>= 1;
            }
            return result;
        }

        void {{name}}_see(const uint8_t frame[{{upper}}_INPUT_LENGTH], int8_t input[{{upper}}_INPUT_LENGTH])
        {
            const int32_t pixels = {{upper}}_INPUT_HEIGHT * {{upper}}_INPUT_WIDTH, least = 51 * pixels / 2;
            for (int32_t colour = 0; colour < 3; colour++)
            {
                int8_t seen[256];
                int32_t sum = 0;
                uint64_t squares = 0;
                for (int32_t i = colour; i < 3 * pixels; i += 3)
                {
                    sum += frame[i];
                    squares += (uint32_t)frame[i] * frame[i];
                }
                const int32_t spread = (int32_t)root((uint64_t)pixels * squares - (uint64_t)sum * (uint64_t)sum);
                const float deviation = (float)(spread > least ? spread : least);
                for (int32_t v = 0; v < 256; v++) seen[v] = {{name}}_quantise((float)(v * pixels - sum) / deviation);
                for (int32_t i = colour; i < 3 * pixels; i += 3) input[i] = seen[frame[i]];
            }
        }

        """;
}
