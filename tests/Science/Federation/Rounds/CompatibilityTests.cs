using CitySafeSense.Federation;
using CitySafeSense.Privacy;

namespace CitySafeSense.Science.Federation;

public class CompatibilityTests
{
    private static readonly string[] Rules = ["mean", "median", "trimmed:0.2", "krum:1", "multi-krum:1", "shard-median"];
    private static readonly string[] Codecs = ["none", "float16", "int8", "top-k:0.1"];

    /// <summary>Written out beside the table: what a round may be, as a sentence of its own for each refusal.</summary>
    private static bool MayBe(string strategy, string rule, string codec, Privately dp, bool isSecure)
    {
        if (dp != Privately.No && (rule != "mean" || strategy == "local" || codec is "int8" or "top-k:0.1")) return false;
        if (isSecure && (rule is not ("mean" or "shard-median") || codec != "none" || dp == Privately.Adapting || strategy == "local")) return false;
        if (strategy == "fedbuff" && (isSecure || dp != Privately.No)) return false;
        return (isSecure || rule != "shard-median") && !(strategy == "scaffold" && codec == "top-k:0.1");
    }

    public enum Privately
    {
        No,
        Fixed,
        Adapting,
    }

    [Fact]
    public void Every_combination_is_allowed_or_refused_by_the_names_of_two_options()
    {
        var (allowed, refused) = (0, 0);
        foreach (var strategy in Strategy.All)
            foreach (var rule in Rules)
                foreach (var codec in Codecs)
                    foreach (var dp in Enum.GetValues<Privately>())
                        foreach (var isSecure in new[] { false, true })
                        {
                            var plan = Plan(strategy.Name, rule, codec, dp, isSecure);
                            if (MayBe(strategy.Name, rule, codec, dp, isSecure))
                            {
                                plan.Validate();
                                allowed++;
                                continue;
                            }
                            var message = Assert.Throws<ArgumentException>(plan.Validate).Message;
                            Assert.Contains(Compatibility.Refused, r => message.StartsWith($"{r.First} and {r.Second} do not go together: {r.Reason}", StringComparison.Ordinal));
                            refused++;
                        }
        Assert.True(allowed > 200 && refused > 100, $"{allowed} and {refused}");
    }

    [Fact]
    public void Every_refusal_names_options_that_exist()
    {
        string[] options = ["dp", "secure sum", "single updates", "clipping that adapts", .. Strategy.All.Select(s => $"strategy {s.Name}"), .. Rules.Select(r => $"aggregation {AggregationRule.Parse(r).Kind}"), .. Codecs.Select(c => $"codec {UpdateCodec.Parse(c).Kind}")];
        foreach (var refusal in Compatibility.Refused) Assert.True(options.Contains(refusal.First) && options.Contains(refusal.Second), $"{refusal}");
    }

    [Fact]
    public void Budget_refuses_the_round_that_would_exceed_it_and_no_earlier_one()
    {
        var plan = new PrivacyPlan { NoiseMultiplier = 1, SamplingRate = 0.1, EpsilonBudget = 4, Delta = 1e-6 };
        IReadOnlyList<GaussianSteps> spent = [];
        var (epsilon, rounds) = (0.0, 0);
        while (true)
        {
            try
            {
                var (next, grown) = PrivacyLedger.Charge(spent, plan);
                Assert.InRange(grown, epsilon, 4);
                (spent, epsilon) = (next, grown);
                rounds++;
            }
            catch (InvalidOperationException e)
            {
                Assert.Contains("of a budget of 4", e.Message);
                break;
            }
        }
        Assert.True(rounds > 3 && RenyiAccountant.Epsilon([new(0.1, 1, rounds)], 1e-6) <= 4 && RenyiAccountant.Epsilon([new(0.1, 1, rounds + 1)], 1e-6) > 4);
        Assert.Equal([new GaussianSteps(0.1, 1, rounds)], spent);
    }

    private static RoundPlan Plan(string strategy, string rule, string codec, Privately dp, bool isSecure) => new()
    {
        Instructions = new ClientInstructions { Strategy = strategy, Round = 1, Seed = 1 },
        Goal = 40,
        Aggregation = AggregationRule.Parse(rule),
        Codec = UpdateCodec.Parse(codec),
        Privacy = dp == Privately.No ? null : new PrivacyPlan { NoiseMultiplier = 1, SamplingRate = 0.1, EpsilonBudget = 8, AdaptsClipping = dp == Privately.Adapting },
        SecureSum = isSecure ? new SecureSumRule() : null,
    };
}
