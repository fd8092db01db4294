using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.Science.Privacy;

public class SecureSumTests
{
    private const int Length = 40;

    /// <summary>Random numbers of participants who go silent before they share keys, before they send a vector, or before they reveal.</summary>
    [Fact]
    public void Masks_cancel_exactly_whoever_drops_out_while_a_threshold_stays()
    {
        for (ulong seed = 0; seed < 40; seed++)
        {
            var rng = new Rng(seed);
            var n = 3 + rng.NextInt(10);
            var threshold = n / 2 + 1 + rng.NextInt(n - n / 2);
            var drops = Enumerable.Range(0, n).Select(_ => Step.Never).ToArray();
            for (var i = 0; i < n - threshold; i++) drops[i] = (Step)rng.NextInt(4);
            rng.Shuffle<Step>(drops);
            var story = new Story(n, threshold, seed, drops);
            var sum = story.Run();
            // To the last bit: the sum of what survivors' vectors are in fixed point.
            var expected = story.Plan.Format.Decode(story.SumOfEntries(p => drops[p] is Step.Never or Step.Reveal));
            Assert.True(expected.SequenceEqual(sum), $"seed {seed}: {n} participants, threshold {threshold}, {string.Join(' ', drops)}");
        }
    }

    [Theory]
    [InlineData(Step.Keys)]
    [InlineData(Step.Vector)]
    [InlineData(Step.Reveal)]
    public void One_drop_out_more_than_allowed_and_there_is_no_sum(Step step)
    {
        var drops = Enumerable.Range(0, 9).Select(p => p < 4 ? step : Step.Never).ToArray(); // five of at least six stay
        Assert.Contains("of at least 6", Assert.Throws<SecureSumException>(() => new Story(9, 6, 1, drops).Run()).Message);
        Assert.NotEmpty(new Story(9, 5, 1, drops).Run());
    }

    [Fact]
    public void Nothing_that_crosses_holds_an_update_without_its_masks()
    {
        var story = new Story(6, 4, 3, [Step.Never, Step.Never, Step.Never, Step.Never, Step.Vector, Step.Reveal]);
        story.Run();
        Assert.True(story.Crossed.Count > 40);
        for (var p = 0; p < 6; p++)
        {
            var bare = story.Plan.Format.Pack(story.Plan.Format.Encode(story.Vector(p)));
            Assert.False(story.Crossed.Any(m => Holds(m, bare)), $"the vector of {p} crossed");
            Assert.True(Holds([0, .. bare, 0], bare), "the search would find it");
        }
        // Masked entries look like chance: of 256 values of a byte none is much commoner than another.
        var counts = new int[256];
        for (ulong seed = 0; seed < 60; seed++)
        {
            var one = new Story(3, 2, seed, [Step.Never, Step.Never, Step.Never]);
            one.Run();
            foreach (var b in one.MaskedEntries) counts[b]++;
        }
        var mean = counts.Average();
        Assert.InRange(counts.Sum(c => (c - mean) * (c - mean) / mean), 150, 370); // chi-squared, 255 degrees of freedom
    }

    [Fact]
    public void Seed_of_the_own_mask_and_mask_key_of_one_participant_are_never_both_revealed()
    {
        using var story = new Story(5, 3, 1, [Step.Never, Step.Never, Step.Never, Step.Vector, Step.Never]);
        story.Run();
        foreach (var revealed in story.Revealed)
        {
            Assert.Empty(revealed.OwnMaskSeeds.Keys.Intersect(revealed.MaskKeys.Keys));
            Assert.Equal([3], revealed.MaskKeys.Keys);
        }
        // A server that now says another one has dropped out gets nothing.
        var client = story.Clients[0];
        Assert.Contains("another list", Assert.Throws<SecureSumException>(() => client.Agree([0, 1, 2])).Message);
        Assert.Contains("once", Assert.Throws<SecureSumException>(() => client.Reveal([])).Message);
    }

    [Fact]
    public void Server_that_shows_different_lists_to_different_participants_gets_nothing()
    {
        using var story = new Story(4, 3, 1, [Step.Never, Step.Never, Step.Never, Step.Never]);
        story.RunUntilVectors();
        var (first, second) = (story.Clients[0].Agree([0, 1, 2]), story.Clients[1].Agree([0, 1, 3]));
        var third = story.Clients[2].Agree([0, 1, 2]);
        Assert.Contains("2 participants of at least 3", Assert.Throws<SecureSumException>(() => story.Clients[0].Reveal([first, second, third])).Message);
    }

    [Fact]
    public void Keys_under_a_strange_signature_and_shares_changed_on_the_way_are_refused()
    {
        using var story = new Story(3, 2, 1, [Step.Never, Step.Never, Step.Never]);
        var keys = story.Clients.Select(c => c.Advertise()).ToArray();
        var forged = keys[1] with { MaskKey = keys[0].MaskKey };
        Assert.Contains("keys of participant 1", Assert.Throws<SecureSumException>(() => story.Clients[0].ShareKeys([keys[0], forged, keys[2]])).Message);
        using var other = new Story(3, 2, 1, [Step.Never, Step.Never, Step.Never]);
        keys = [.. other.Clients.Select(c => c.Advertise())];
        var shares = other.Clients.Select(c => c.ShareKeys(keys)).ToArray();
        var toFirst = shares[1].Single(s => s.To == 0);
        toFirst.Sealed[20] ^= 1;
        Assert.Contains("changed on the way", Assert.Throws<SecureSumException>(() => other.Clients[0].Mask(other.Vector(0), [toFirst, shares[2].Single(s => s.To == 0)])).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(255)]
    public void Any_threshold_of_the_shares_give_the_secret_and_fewer_do_not(int threshold)
    {
        var (secret, random) = (Enumerable.Range(0, 32).Select(i => (byte)(7 * i)).ToArray(), new SeededBytes(new Rng(1)));
        var shares = ShamirShares.Split(secret, threshold, 255, random).ToArray();
        new Rng(2).Shuffle<SecretShare>(shares);
        Assert.Equal(secret, ShamirShares.Combine(shares[..threshold], threshold));
        if (threshold == 1) return;
        Assert.Throws<InvalidOperationException>(() => ShamirShares.Combine(shares[..(threshold - 1)], threshold));
        Assert.NotEqual(secret, ShamirShares.Combine(shares[..(threshold - 1)], threshold - 1)); // what they make is not it
        Assert.Throws<InvalidOperationException>(() => ShamirShares.Combine([shares[0], .. shares[..(threshold - 1)]], threshold));
    }

    [Fact]
    public void Widths_are_chosen_so_that_nothing_wraps_and_nothing_is_wider_than_it_must_be()
    {
        foreach (var participants in new[] { 2, 32, 255 })
            foreach (var bound in new[] { 1.0, 50, 1e6 })
            {
                var format = MaskedFormat.For(bound, participants);
                var (sum, largest) = (new ulong[2], format.Encode([(float)bound, (float)-bound]));
                for (var p = 0; p < participants; p++) format.Add(sum, largest, 1);
                Assert.Equal(participants * (double)(float)bound, format.Decode(sum)[0], 1e-9 * participants * bound);
                Assert.Equal(-participants * (double)(float)bound, format.Decode(sum)[1], 1e-9 * participants * bound);
            }
        Assert.Equal(4, MaskedFormat.For(1, 255).Bytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => MaskedFormat.For(1e12, 255));
    }

    private static bool Holds(byte[] message, byte[] searched)
    {
        // Eight bytes in a row, from any place of the vector, are enough.
        for (var from = 0; from + 8 <= searched.Length; from += 4)
            if (message.AsSpan().IndexOf(searched.AsSpan(from, 8)) >= 0) return true;
        return false;
    }

    public enum Step
    {
        Keys,
        Shares,
        Vector,
        Reveal,
        Never,
    }

    /// <summary>All participants and the server, and everything that crosses between them.</summary>
    private sealed class Story : IDisposable
    {
        private readonly Step[] drops;
        private readonly ulong seed;
        private readonly SecureSumServer server;
        private readonly SecureSumCredential[] credentials;

        public Story(int participants, int threshold, ulong seed, Step[] drops)
        {
            (this.drops, this.seed) = (drops, seed);
            Plan = new SecureSumPlan("test/1/0", participants, threshold, Length, MaskedFormat.For(5, participants));
            server = new SecureSumServer(Plan);
            credentials = [.. Enumerable.Range(0, participants).Select(_ => SecureSumCredential.Create())];
            var registry = Enumerable.Range(0, participants).ToDictionary(p => p, p => credentials[p].PublicKey);
            Clients = [.. Enumerable.Range(0, participants).Select(p => new SecureSumClient(Plan, p, credentials[p], registry, new SeededBytes(new Rng(seed * 1000 + (ulong)p))))];
        }

        public SecureSumPlan Plan { get; }
        public SecureSumClient[] Clients { get; }
        public List<byte[]> Crossed { get; } = [];
        public List<RevealedShares> Revealed { get; } = [];
        public byte[] MaskedEntries { get; private set; } = [];

        public float[] Vector(int participant)
        {
            var rng = Rng.For(seed, "vector", $"{participant}");
            return [.. Enumerable.Range(0, Length).Select(_ => (float)Math.Clamp(rng.Gaussian(), -5, 5))];
        }

        public ulong[] SumOfEntries(Func<int, bool> counts)
        {
            var sum = new ulong[Length];
            for (var p = 0; p < Clients.Length; p++)
                if (counts(p)) Plan.Format.Add(sum, Plan.Format.Encode(Vector(p)), 1);
            return sum;
        }

        public double[] Run()
        {
            RunUntilVectors();
            var present = server.Survivors.Where(p => drops[p] > Step.Reveal).ToArray();
            var agreed = present.Select(p => Clients[p].Agree(server.Survivors)).ToArray();
            foreach (var p in present)
            {
                if (agreed.Length < Plan.Threshold) break;
                var revealed = Clients[p].Reveal(agreed);
                Revealed.Add(revealed);
                foreach (var share in revealed.OwnMaskSeeds.Values.Concat(revealed.MaskKeys.Values)) Crossed.Add(share.Values);
                server.Add(revealed);
            }
            return server.Sum();
        }

        public void RunUntilVectors()
        {
            foreach (var p in Alive(Step.Keys))
            {
                var keys = Clients[p].Advertise();
                Crossed.AddRange([keys.EncryptionKey, keys.MaskKey, keys.Signature]);
                server.Add(keys);
            }
            foreach (var p in Alive(Step.Shares))
            {
                var shares = Clients[p].ShareKeys(server.Roster);
                Crossed.AddRange(shares.Select(s => s.Sealed));
                server.Add(p, shares);
            }
            foreach (var p in Alive(Step.Vector))
            {
                var masked = Clients[p].Mask(Vector(p), server.PostFor(p));
                Crossed.Add(masked.Entries);
                MaskedEntries = masked.Entries;
                server.Add(masked);
            }
        }

        public void Dispose()
        {
            foreach (var client in Clients) client.Dispose();
        }

        private IEnumerable<int> Alive(Step step) => Enumerable.Range(0, Clients.Length).Where(p => drops[p] > step);
    }
}
