using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CitySafeSense.Numerics;

/// <summary>
/// What kernels ask of a vector register, whatever its width. Every operation is exact or rounded once as IEEE 754 says, so
/// an element's bits do not depend on the register it was computed in.
/// </summary>
internal interface IVectorOperations<TVector>
    where TVector : struct
{
    /// <summary>Floats in a register.</summary>
    static abstract int Lanes { get; }

    /// <summary>Whether there are registers enough for a tile of eight rows and two vectors.</summary>
    static abstract bool HasManyRegisters { get; }

    static abstract TVector Load(ref float source);
    static abstract void Store(TVector vector, ref float target);
    static abstract TVector Broadcast(float value);

    /// <summary>a b + c, rounded once.</summary>
    static abstract TVector FusedMultiplyAdd(TVector a, TVector b, TVector c);
    static abstract TVector Add(TVector a, TVector b);
    static abstract TVector Subtract(TVector a, TVector b);
    static abstract TVector Multiply(TVector a, TVector b);
    static abstract TVector Divide(TVector a, TVector b);
    static abstract TVector SquareRoot(TVector a);

    /// <summary>a where b is less than c, else d; NaN is not less.</summary>
    static abstract TVector WhereLess(TVector b, TVector c, TVector a, TVector d);

    /// <summary>The bits of a float moved up by 23: an integer in the low bits becomes an exponent.</summary>
    static abstract TVector ShiftIntoExponent(TVector bits);

    /// <summary>Adds as integers.</summary>
    static abstract TVector AddBits(TVector a, TVector b);
}

internal readonly struct Operations512 : IVectorOperations<Vector512<float>>
{
    public static int Lanes => 16;
    public static bool HasManyRegisters => true;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector512<float> Load(ref float source) => Vector512.LoadUnsafe(ref source);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(Vector512<float> vector, ref float target) => vector.StoreUnsafe(ref target);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector512<float> Broadcast(float value) => Vector512.Create(value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector512<float> FusedMultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector512<float> SquareRoot(Vector512<float> a) => Vector512.Sqrt(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector512<float> WhereLess(Vector512<float> b, Vector512<float> c, Vector512<float> a, Vector512<float> d) => Vector512.ConditionalSelect(Vector512.LessThan(b, c), a, d);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector512<float> ShiftIntoExponent(Vector512<float> bits) => (bits.AsInt32() << 23).AsSingle();
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector512<float> AddBits(Vector512<float> a, Vector512<float> b) => (a.AsInt32() + b.AsInt32()).AsSingle();
}

internal readonly struct Operations256 : IVectorOperations<Vector256<float>>
{
    public static int Lanes => 8;
    public static bool HasManyRegisters => Vector512.IsHardwareAccelerated;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector256<float> Load(ref float source) => Vector256.LoadUnsafe(ref source);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(Vector256<float> vector, ref float target) => vector.StoreUnsafe(ref target);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector256<float> Broadcast(float value) => Vector256.Create(value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector256<float> FusedMultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.FusedMultiplyAdd(a, b, c);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector256<float> SquareRoot(Vector256<float> a) => Vector256.Sqrt(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector256<float> WhereLess(Vector256<float> b, Vector256<float> c, Vector256<float> a, Vector256<float> d) => Vector256.ConditionalSelect(Vector256.LessThan(b, c), a, d);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector256<float> ShiftIntoExponent(Vector256<float> bits) => (bits.AsInt32() << 23).AsSingle();
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector256<float> AddBits(Vector256<float> a, Vector256<float> b) => (a.AsInt32() + b.AsInt32()).AsSingle();
}

internal readonly struct Operations128 : IVectorOperations<Vector128<float>>
{
    public static int Lanes => 4;
    public static bool HasManyRegisters => Vector512.IsHardwareAccelerated || System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector128<float> Load(ref float source) => Vector128.LoadUnsafe(ref source);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(Vector128<float> vector, ref float target) => vector.StoreUnsafe(ref target);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector128<float> Broadcast(float value) => Vector128.Create(value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector128<float> FusedMultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Numerics.FusedMultiplyAdd.Of(a, b, c);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector128<float> SquareRoot(Vector128<float> a) => Vector128.Sqrt(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector128<float> WhereLess(Vector128<float> b, Vector128<float> c, Vector128<float> a, Vector128<float> d) => Vector128.ConditionalSelect(Vector128.LessThan(b, c), a, d);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector128<float> ShiftIntoExponent(Vector128<float> bits) => (bits.AsInt32() << 23).AsSingle();
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector128<float> AddBits(Vector128<float> a, Vector128<float> b) => (a.AsInt32() + b.AsInt32()).AsSingle();
}

/// <summary>One float at a time: for processors without vectors, and what the others are compared with.</summary>
internal readonly struct ScalarOperations : IVectorOperations<float>
{
    public static int Lanes => 1;
    public static bool HasManyRegisters => false;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Load(ref float source) => source;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(float vector, ref float target) => target = vector;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Broadcast(float value) => value;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float FusedMultiplyAdd(float a, float b, float c) => Numerics.FusedMultiplyAdd.Of(a, b, c);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Add(float a, float b) => a + b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Subtract(float a, float b) => a - b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Multiply(float a, float b) => a * b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Divide(float a, float b) => a / b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float SquareRoot(float a) => MathF.Sqrt(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float WhereLess(float b, float c, float a, float d) => b < c ? a : d;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float ShiftIntoExponent(float bits) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(bits) << 23);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float AddBits(float a, float b) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) + BitConverter.SingleToInt32Bits(b));
}
