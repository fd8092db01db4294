using System.Runtime.CompilerServices;

namespace CitySafeSense.Learning;

/// <summary>Floats that begin at a cache line and stay there: a vector that lies across two lines costs two loads.</summary>
internal sealed class AlignedFloats
{
    private const int LineBytes = 64;
    private readonly float[] array;
    private readonly int first, length;

    public AlignedFloats(int length)
    {
        this.length = length;
        array = GC.AllocateArray<float>(length + LineBytes / sizeof(float), pinned: true);
        unsafe
        {
            var address = (nint)Unsafe.AsPointer(ref array[0]);
            first = (int)((LineBytes - address % LineBytes) % LineBytes) / sizeof(float);
        }
    }

    public Span<float> Span => array.AsSpan(first, length);

    public ref float this[int at] => ref array[first + at];
}
