namespace CitySafeSense.Privacy;

/// <summary>One participant's share of a secret: the polynomial of every byte at the participant's place.</summary>
/// <param name="Place">1 to 255.</param>
public sealed record SecretShare(byte Place, byte[] Values);

/// <summary>
/// Shamir's secret sharing (1979), byte by byte over GF(2^8) with the polynomial of AES: any threshold of the shares give the
/// secret, fewer give nothing about it.
/// </summary>
public static class ShamirShares
{
    public const int ParticipantsMax = 255;
    private static readonly (byte[] Exp, byte[] Log) tables = MakeTables();

    /// <param name="random">Fills coefficients; cryptographic where people are real.</param>
    /// <exception cref="ArgumentOutOfRangeException">More shares than places, or a threshold above the shares.</exception>
    public static IReadOnlyList<SecretShare> Split(ReadOnlySpan<byte> secret, int threshold, int participants, IRandomBytes random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(participants, ParticipantsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, participants);
        var coefficients = new byte[secret.Length * (threshold - 1)];
        random.Fill(coefficients);
        var shares = new SecretShare[participants];
        for (var p = 0; p < participants; p++)
        {
            var (place, values) = ((byte)(p + 1), new byte[secret.Length]);
            for (var b = 0; b < secret.Length; b++)
            {
                byte value = 0; // Horner, from the highest coefficient
                for (var k = threshold - 2; k >= 0; k--) value = (byte)(Multiply(value, place) ^ coefficients[b * (threshold - 1) + k]);
                values[b] = (byte)(Multiply(value, place) ^ secret[b]);
            }
            shares[p] = new SecretShare(place, values);
        }
        return shares;
    }

    /// <exception cref="InvalidOperationException">There are fewer shares than the threshold, two of one place, or of different lengths.</exception>
    public static byte[] Combine(IReadOnlyCollection<SecretShare> shares, int threshold)
    {
        var used = shares.Take(threshold).ToArray();
        if (used.Length < threshold) throw new InvalidOperationException($"{used.Length} shares of at least {threshold}: the secret stays one");
        if (used.Select(s => s.Place).Distinct().Count() < used.Length || used.Any(s => s.Place == 0 || s.Values.Length != used[0].Values.Length))
            throw new InvalidOperationException("the shares are not of one secret");
        var secret = new byte[used[0].Values.Length];
        foreach (var share in used)
        {
            byte weight = 1; // Lagrange's polynomial of this place, at 0
            foreach (var other in used)
                if (other.Place != share.Place) weight = Multiply(weight, Divide(other.Place, (byte)(other.Place ^ share.Place)));
            for (var b = 0; b < secret.Length; b++) secret[b] ^= Multiply(weight, share.Values[b]);
        }
        return secret;
    }

    private static byte Multiply(byte a, byte b) => a == 0 || b == 0 ? (byte)0 : tables.Exp[(tables.Log[a] + tables.Log[b]) % 255];

    private static byte Divide(byte a, byte b) => a == 0 ? (byte)0 : tables.Exp[(tables.Log[a] + 255 - tables.Log[b]) % 255];

    /// <summary>Powers of the generator 3.</summary>
    private static (byte[], byte[]) MakeTables()
    {
        var (exp, log) = (new byte[255], new byte[256]);
        var x = 1;
        for (var i = 0; i < 255; i++)
        {
            (exp[i], log[x]) = ((byte)x, (byte)i);
            x ^= x << 1;
            if (x > 255) x ^= 0x11b;
        }
        return (exp, log);
    }
}
