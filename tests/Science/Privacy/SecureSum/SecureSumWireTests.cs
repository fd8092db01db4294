using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.Science.Privacy;

public class SecureSumWireTests
{
    private static readonly AdvertisedKeys[] Keys = [new(0, [1, 2], [3], [4, 5, 6]), new(7, [], [9], [8])];
    private static readonly EncryptedShares[] Shares = [new(0, 7, [1, 2, 3]), new(7, 0, [])];
    private static readonly SurvivorSignature[] Signatures = [new(3, [1]), new(4, [2, 2])];
    private static readonly RevealedShares Revealed = new(2, new Dictionary<int, SecretShare> { [0] = new(1, [5]), [9] = new(255, [6, 7]) }, new Dictionary<int, SecretShare> { [1] = new(3, [4]) });

    [Fact]
    public void Every_message_comes_back_as_it_was()
    {
        Assert.Equivalent(Keys, SecureSumWire.ReadKeys(SecureSumWire.Write(Keys)), strict: true);
        Assert.Equivalent(Shares, SecureSumWire.ReadShares(SecureSumWire.Write(Shares)), strict: true);
        Assert.Equivalent(Signatures, SecureSumWire.ReadSignatures(SecureSumWire.Write(Signatures)), strict: true);
        Assert.Equal([3, 1, 2], SecureSumWire.ReadParticipants(SecureSumWire.Write([3, 1, 2])));
        Assert.Equivalent(Revealed, SecureSumWire.ReadRevealed(SecureSumWire.Write(Revealed)), strict: true);
        Assert.Equal([2, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 4, 0, 0, 0, 2, 0, 0, 0, 2, 2], SecureSumWire.Write(Signatures)); // written out once, so that it stays so
    }

    [Fact]
    public void Whatever_else_comes_is_refused_by_name_and_nothing_large_is_made_of_it()
    {
        byte[][] whole = [SecureSumWire.Write(Keys), SecureSumWire.Write(Shares), SecureSumWire.Write(Signatures), SecureSumWire.Write(Revealed), SecureSumWire.Write([1, 2])];
        Action<byte[]>[] readers = [b => SecureSumWire.ReadKeys(b), b => SecureSumWire.ReadShares(b), b => SecureSumWire.ReadSignatures(b), b => SecureSumWire.ReadRevealed(b), b => SecureSumWire.ReadParticipants(b)];
        foreach (var (message, read) in whole.Zip(readers))
        {
            for (var cut = 0; cut < message.Length; cut++) Assert.Throws<FormatException>(() => read(message[..cut]));
            Assert.Throws<FormatException>(() => read([.. message, 0]));
        }
        foreach (var read in readers) Assert.Throws<FormatException>(() => read([255, 255, 255, 127, 1, 2, 3]));
        var rng = new Rng(1);
        var refused = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var (message, read) = (whole[i % whole.Length].ToArray(), readers[i % readers.Length]);
            for (var n = 1 + rng.NextInt(4); n > 0; n--) message[rng.NextInt(message.Length)] = (byte)rng.NextInt(256);
            try
            {
                read(message);
            }
            catch (FormatException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 20_000, 199_000); // anything but FormatException would have ended the test
    }
}
