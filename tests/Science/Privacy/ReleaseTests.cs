using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.Science.Privacy;

public class ReleaseTests
{
    private static Noise Seeded(ulong seed) => new(new SeededBytes(new Rng(seed)));

    [Theory]
    [InlineData(24, 13.6, 0.1)]
    [InlineData(168, 36.1, 0.2)]
    [InlineData(2016, 125, 1)]
    public void Sigma_follows_from_epsilon_delta_and_slots(int slots, double sigma, double tolerance)
    {
        var release = GaussianRelease.Default with { Slots = slots };
        Assert.Equal(sigma, release.Sigma, tolerance);
        // The definition, the other way round: rho = k / (2 sigma^2), epsilon = rho + 2 sqrt(rho ln(2 / delta)).
        var rho = slots / (2 * release.Sigma * release.Sigma);
        Assert.Equal(2, rho + 2 * Math.Sqrt(rho * Math.Log(2e6)), 1e-9);
    }

    [Fact]
    public void Device_that_makes_k_of_k_minus_one_practically_never_makes_it_show()
    {
        var release = GaussianRelease.Default;
        foreach (var k in new[] { 1, 10, 50 })
            Assert.Equal(5e-7 / 24, NormalDistribution.UpperTail((release.Threshold(k) - k) / release.Sigma), 1e-12);
        var noise = Seeded(1);
        Assert.DoesNotContain(Enumerable.Range(0, 20_000), _ => release.Release(10, 10, noise) is not null);
    }

    [Fact]
    public void Nothing_of_fewer_than_k_shows_however_lucky_the_noise()
    {
        var noise = Seeded(2);
        var release = new GaussianRelease(1000, 0.5, 1); // hardly any noise
        Assert.Null(release.Release(9, 10, noise));
        Assert.NotNull(release.Release(200, 10, noise));
    }

    [Fact]
    public void Empirical_epsilon_of_neighbouring_counts_stays_below_the_bound()
    {
        // One slot costs at most epsilon_1 = rho + 2 sqrt(rho ln(1/delta)); a million draws of n and n + 1 devices must not tell more.
        var release = GaussianRelease.Default;
        var (with, without) = (new int[60], new int[60]);
        var noise = Seeded(3);
        for (var i = 0; i < 1_000_000; i++)
        {
            Count(with, 101 + noise.Gaussian(release.Sigma));
            Count(without, 100 + noise.Gaussian(release.Sigma));
        }
        var rho = 1 / (2 * release.Sigma * release.Sigma);
        var bound = rho + 2 * Math.Sqrt(rho * Math.Log(1e6));
        for (var b = 0; b < with.Length; b++)
            if (with[b] > 2000 && without[b] > 2000)
                Assert.True(Math.Abs(Math.Log(with[b] / (double)without[b])) < bound + 0.1, $"bin {b}: {with[b]} against {without[b]}");

        static void Count(int[] bins, double value)
        {
            var bin = (int)(value / 4);
            if (bin >= 0 && bin < bins.Length) bins[bin]++;
        }
    }

    [Fact]
    public void Device_counts_once_in_a_slot_and_in_no_more_than_24_a_week()
    {
        var tokens = ContributionTokens.None;
        var counted = 0;
        for (var hour = 0; hour < 168; hour++)
            for (var again = 0; again < 3; again++)
            {
                tokens = tokens.Admit((ulong)hour + 1, hour * 3600L, 24, out var counts);
                if (counts) counted++;
                tokens = ContributionTokens.Decode(tokens.Encode());
            }
        // Week 0 of the epoch has 168 hours.
        Assert.Equal(24, counted);
        var next = tokens.Admit(7, 168 * 3600L, 24, out var nextWeek);
        Assert.True(nextWeek);
        // A clock that goes back must not open the past week again.
        Assert.Same(next, next.Admit(8, 167 * 3600L, 24, out var again2));
        Assert.False(again2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(24)]
    [InlineData(168)]
    public void Hours_of_a_device_are_so_many_of_every_week_and_spread_over_it(int slots)
    {
        var (pseudonyms, byDay) = (new KeyedPseudonym(new byte[KeyedPseudonym.KeyBytes]), new int[7]);
        for (var device = 0; device < 500; device++)
        {
            var names = Enumerable.Range(0, 168).Select(h => pseudonyms.OfSlot($"{device}", (2000L * 168 + h) * 3600, slots)).ToArray();
            Assert.Equal(slots, names.Count(n => n != ContributionTokens.NoSlot));
            Assert.Equal(slots, names.Where(n => n != ContributionTokens.NoSlot).Distinct().Count());
            for (var hour = 0; hour < 168; hour++)
                if (names[hour] != ContributionTokens.NoSlot) byDay[hour / 24]++;
        }
        Assert.All(byDay, n => Assert.InRange(n, 0.7 * 500 * slots / 7, 1.3 * 500 * slots / 7));
        Assert.Equal(168.0 / slots, (GaussianRelease.Default with { Slots = slots }).Scale);
    }

    [Fact]
    public void What_has_no_slot_is_counted_in_none()
    {
        Assert.Same(ContributionTokens.None, ContributionTokens.None.Admit(ContributionTokens.NoSlot, 3600, 24, out var counts));
        Assert.False(counts);
    }

    [Fact]
    public void Laplace_thresholds_are_as_published()
    {
        Assert.Equal(21.33, GaussianRelease.LaplaceThreshold(Math.Log(3), 1e-10), 0.005);
        Assert.Equal(11.16, GaussianRelease.LaplaceThreshold(2 * Math.Log(3), 1e-10), 0.005);
    }

    [Fact]
    public void Pseudonym_of_a_contributor_says_nothing_about_another_bin_or_cell_or_key()
    {
        var a = new KeyedPseudonym([.. Enumerable.Repeat((byte)1, 32)]);
        var b = new KeyedPseudonym([.. Enumerable.Repeat((byte)2, 32)]);
        ulong[] names = [a.OfContributor("d", 1, 300), a.OfContributor("d", 1, 600), a.OfContributor("d", 2, 300), b.OfContributor("d", 1, 300), a.OfDevice("d"), a.OfContributor("e", 1, 300)];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Equal(names[0], a.OfContributor("d", 1, 300));
        Assert.Throws<ArgumentException>(() => new KeyedPseudonym(new byte[8]));
    }
}
