using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.EmbeddedOrleans;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using Microsoft.Extensions.DependencyInjection;

namespace CitySafeSense.Tests.Federation;

/// <summary>Rounds whose updates are summed under masks, through the grains of a silo.</summary>
public class SecureRoundTests
{
    private const int Learners = 40;
    private static readonly ExamplePopulation People = Clouds.Of(Learners, 24);
    private static readonly SecureSumTerms Masked = new(2.0 / 3);

    [Fact]
    public async Task Sum_under_masks_makes_the_model_that_open_updates_make()
    {
        var (open, _) = await OneRound(null);
        var (masked, _) = await OneRound(Masked);
        Assert.Equal(open.Length, masked.Length);
        for (var i = 0; i < open.Length; i++) Assert.Equal(open[i], masked[i], 2e-6f); // fixed point of 2^-20 beside one of 2^-24
        Assert.NotEqual(open, masked);
    }

    [Fact]
    public async Task Nothing_that_crosses_holds_an_update_without_its_masks()
    {
        var (_, crossed) = await OneRound(Masked);
        var (_, open) = await OneRound(null);
        foreach (var client in People.Clients)
        {
            var update = Update(client);
            var secret = SecureUpdate.Of(update.Delta, update.Samples, update.Loss, 50, countsOnce: false);
            var format = SecureUpdate.Format(50, Learners);
            foreach (var bare in new[] { MemoryMarshal.AsBytes<float>(update.Delta).ToArray(), MemoryMarshal.AsBytes<float>(secret).ToArray(), format.Pack(format.Encode(secret)) })
                Assert.False(crossed.Any(m => Holds(m, bare)), $"the update of {client} crossed");
            Assert.True(open.Any(m => Holds(m, MemoryMarshal.AsBytes<float>(update.Delta).ToArray())), "in an open round the search finds it");
        }
    }

    [Fact]
    public async Task Those_who_drop_out_are_left_out_and_who_they_are_depends_on_the_seed_alone()
    {
        var options = Options(3) with { Dropout = 0.2, SecureSum = Masked };
        var run = await FederatedExperiment.Run(People, "fedavg", options);
        var again = await FederatedExperiment.Run(People, "fedavg", options with { Workers = 1 });
        Assert.All(run.Rounds, r => Assert.InRange(r.Reported, 27, 39));
        Assert.All(run.Rounds, r => Assert.Null(r.Stopped));
        Assert.Equal(run.FinalModel, again.FinalModel);
        var open = await FederatedExperiment.Run(People, "fedavg", options with { SecureSum = null });
        Assert.Equal(open.Rounds.Select(r => r.Reported), run.Rounds.Select(r => r.Reported));
        Assert.Equal(open.Rounds[^1].Loss, run.Rounds[^1].Loss, 1e-4);
    }

    [Fact]
    public async Task One_more_who_drops_out_than_the_threshold_allows_and_there_is_no_sum()
    {
        var run = await FederatedExperiment.Run(People, "fedavg", Options(1) with { Dropout = 0.5, SecureSum = Masked });
        Assert.Equal("0 of at least 4 reports in the shards that came to a sum", run.Rounds[0].Stopped);
        Assert.Equal(new ParameterVector(new ModelRuntime(Clouds.Spec).Model.Initialise(1)).Hash, run.FinalModel);
    }

    [Fact]
    public async Task Fewer_than_a_shard_are_not_summed_at_all()
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => FederatedExperiment.Run(Clouds.Of(31, 24), "fedavg", Options(1) with { Sample = 1, SecureSum = Masked }));
        Assert.Contains("at least 32 clients, a crowd for everybody to hide in, and this round invites 31", refused.Message);
    }

    [Fact]
    public async Task Private_rounds_have_the_same_noise_over_masked_sums()
    {
        var options = Options(2) with { UpdateNormMax = 0.5, Privacy = new PrivacyTerms(0.5, 1, 1e-5, 100, AdaptsClipping: false) };
        var (open, masked) = (await FederatedExperiment.Run(People, "fedavg", options), await FederatedExperiment.Run(People, "fedavg", options with { SecureSum = Masked }));
        Assert.Equal(open.Rounds[^1].Epsilon, masked.Rounds[^1].Epsilon);
        Assert.Equal(open.Rounds[^1].Loss, masked.Rounds[^1].Loss, 1e-3);
    }

    private static async Task<(float[] Weights, IReadOnlyCollection<byte[]> Crossed)> OneRound(SecureSumTerms? secure)
    {
        var recorder = new Recorder();
        await using var cluster = new InProcessCluster(new CityOptions { Privacy = PrivacyMode.Simulation }, 2, 1, People, codec: recorder);
        var models = cluster.Grains.GetGrain<IModelGrain>("default");
        await models.Initialise(Clouds.Spec, 1);
        foreach (var client in People.Clients) await cluster.Grains.GetGrain<ILearnerGrain>(client).Join("default");
        var rounds = cluster.Grains.GetGrain<IFederatedRoundGrain>("default");
        var number = await rounds.Start(FederatedExperiment.Terms("fedavg", Learners, Options(1) with { SecureSum = secure }));
        RoundStatus status;
        do status = await rounds.Watch(number, TimeSpan.FromSeconds(5));
        while (status.Ended is null);
        Assert.Equal(("Committed", Learners), (status.Phase, status.Reported));
        var weights = ParameterVector.FromBytes(await cluster.Services.GetRequiredService<IBlobStore>().Get((await models.Current())!.Hash));
        return (weights.Values.ToArray(), recorder.Crossed);
    }

    /// <summary>What the client's first update is, made beside the cluster.</summary>
    private static (float[] Delta, int Samples, double Loss) Update(string client)
    {
        var runtime = new ModelRuntime(Clouds.Spec);
        var instructions = FederatedExperiment.Terms("fedavg", Learners, Options(1)).ToInstructions(1);
        var result = ClientStep.Run(runtime.Model, new ReceivedModel(runtime.Model.Initialise(1)), null, People.Training(client), instructions, client, runtime.Model.CreateWorkspace());
        return (result.Delta!, result.Samples, result.Loss);
    }

    private static ExperimentOptions Options(int rounds) => new() { Rounds = rounds, Seed = 1, Workers = 2, Training = new LocalTrainingOptions { BatchSize = 8 } };

    /// <summary>Eight bytes in a row, from any entry of the vector, are enough; a stretch of nothing but signs tells nothing.</summary>
    private static bool Holds(byte[] message, byte[] searched)
    {
        for (var from = 0; from + 8 <= searched.Length; from += 2)
            if (searched.AsSpan(from, 8).ContainsAnyExcept((byte)0, (byte)255) && searched.AsSpan(from, 8).ToArray().Distinct().Count() > 5 && message.AsSpan().IndexOf(searched.AsSpan(from, 8)) >= 0) return true;
        return false;
    }

    /// <summary>Keeps every argument and every answer of every call.</summary>
    private sealed class Recorder : IMessageCodec
    {
        private readonly ConcurrentQueue<byte[]> crossed = new();

        public IReadOnlyCollection<byte[]> Crossed => crossed;

        public T PassThrough<T>(T value)
        {
            crossed.Enqueue(value switch
            {
                ImmutableArray<byte> bytes => bytes.ToArray(),
                SecureCall call => call.Payload.ToArray(),
                RoundReport report => report.Update.ToArray(),
                SecureShardReport report => MemoryMarshal.AsBytes(report.Sum.AsSpan()).ToArray(),
                _ => JsonSerializer.SerializeToUtf8Bytes(value),
            });
            return value;
        }
    }
}
