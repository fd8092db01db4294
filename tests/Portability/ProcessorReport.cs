using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CitySafeSense.Numerics;

namespace CitySafeSense.Portability;

/// <summary>Which paths a process took, and the hashes of what it computed.</summary>
public sealed record ProcessorReport
{
    public string Architecture { get; init; } = RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>Of the registers that kernels use, in bits; 32 is one float at a time.</summary>
    public int Width { get; init; } = (int)Kernels.Chosen.Width;

    public bool HasVectors { get; init; } = Vector128.IsHardwareAccelerated;
    public bool HasFusedMultiplyAdd { get; init; } = FusedMultiplyAdd.IsFused;
    public bool HasNeon { get; init; } = System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported;

    /// <summary>Hash of elementary functions of the C library, whose bits depend on the variant that it chose.</summary>
    public string LibraryHash { get; init; } = PortableHashes.OfLibrary();

    public required IReadOnlyDictionary<string, string> Hashes { get; init; }
}
