namespace CitySafeSense.Learning;

/// <summary>
/// A program around an exported model for a Cortex-M4 without an operating system, as boards and emulators of Arm's MPS2 with image AN386 have it
/// (DAI0386: four megabytes of code memory at 0, of data memory at 0x20000000). It speaks with whoever runs it by semihosting (Arm IHI 0105):
/// reads a camera's frames from frames.bin, writes what the model makes of them to outputs.bin, and for each the ticks of the processor's clock to ticks.bin.
/// </summary>
public static class CortexProgram
{
    /// <summary>QEMU's name of the board.</summary>
    public const string Board = "mps2-an386";

    /// <summary>Of the board's clock.</summary>
    public const double TicksPerSecond = 25e6;

    public const string LinkerScript = """
        MEMORY
        {
            CODE (rx) : ORIGIN = 0x00000000, LENGTH = 4M
            DATA (rwx) : ORIGIN = 0x20000000, LENGTH = 4M
        }
        ENTRY(reset)
        SECTIONS
        {
            .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) . = ALIGN(4); } > CODE
            .data : { data_begin = .; *(.data*) . = ALIGN(4); data_end = .; } > DATA AT > CODE
            data_load = LOADADDR(.data);
            .bss : { bss_begin = .; *(.bss*) *(COMMON) . = ALIGN(4); bss_end = .; } > DATA
            stack_top = ORIGIN(DATA) + LENGTH(DATA);
        }

        """;

    /// <param name="name">Of the exported model.</param>
    public static string Main(string name) => $$"""
        #include "{{name}}.h"

        extern uint32_t stack_top, data_load, data_begin, data_end, bss_begin, bss_end;
        void reset(void);
        __attribute__((section(".vectors"), used)) static const void *const vectors[2] = {&stack_top, (const void *)reset};

        /* The compiler calls these for copies and for clearing. */
        void *memcpy(void *to, const void *from, uint32_t length)
        {
            for (uint32_t i = 0; i < length; i++) ((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
            return to;
        }

        void *memset(void *to, int value, uint32_t length)
        {
            for (uint32_t i = 0; i < length; i++) ((volatile uint8_t *)to)[i] = (uint8_t)value;
            return to;
        }

        /* Semihosting. */
        enum { OPEN = 0x01, WRITE = 0x05, READ = 0x06, EXIT = 0x18, READ_BINARY = 1, WRITE_BINARY = 5, APPLICATION_EXIT = 0x20026 };

        static int32_t host(int32_t operation, const void *argument)
        {
            register int32_t r0 __asm__("r0") = operation;
            register const void *r1 __asm__("r1") = argument;
            __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
            return r0;
        }

        static int32_t opened(const char *path, uint32_t length, uint32_t mode)
        {
            const uint32_t arguments[3] = {(uint32_t)path, mode, length};
            return host(OPEN, arguments);
        }

        /* How many bytes were not read or not written. */
        static int32_t transferred(int32_t operation, int32_t file, const void *bytes, uint32_t length)
        {
            const uint32_t arguments[3] = {(uint32_t)file, (uint32_t)bytes, length};
            return host(operation, arguments);
        }

        static volatile uint32_t *const tick_control = (volatile uint32_t *)0xE000E010, *const tick_reload = (volatile uint32_t *)0xE000E014, *const tick_value = (volatile uint32_t *)0xE000E018;
        static uint8_t frame[{{name.ToUpperInvariant()}}_INPUT_LENGTH];
        static int8_t input[{{name.ToUpperInvariant()}}_INPUT_LENGTH], output[{{name.ToUpperInvariant()}}_OUTPUT_LENGTH];

        void reset(void)
        {
            for (uint32_t *to = &data_begin, *from = &data_load; to < &data_end;) *to++ = *from++;
            for (uint32_t *to = &bss_begin; to < &bss_end;) *to++ = 0;
            const int32_t frames = opened("frames.bin", 10, READ_BINARY), outputs = opened("outputs.bin", 11, WRITE_BINARY), ticks = opened("ticks.bin", 9, WRITE_BINARY);
            *tick_reload = 0xFFFFFF;
            *tick_value = 0;
            *tick_control = 5; /* on, by the processor's clock */
            while (transferred(READ, frames, frame, sizeof frame) == 0)
            {
                const uint32_t began = *tick_value;
                {{name}}_see(frame, input);
                {{name}}_run(input, output);
                const uint32_t took = (began - *tick_value) & 0xFFFFFF;
                transferred(WRITE, outputs, output, sizeof output);
                transferred(WRITE, ticks, &took, sizeof took);
            }
            host(EXIT, (const void *)APPLICATION_EXIT);
            for (;;) { }
        }

        """;
}
