namespace CitySafeSense.Contracts;

/// <summary>One shard of a round that sums securely: `{population}/{round}/{shard}`. It passes messages on between its clients and learns their sum, or nothing.</summary>
[Alias("citysafe.ISecureShardGrain")]
public interface ISecureShardGrain : IGrainWithStringKey
{
    [Alias("Open")]
    Task Open(SecureShard shard);

    /// <summary>A client has trained and is ready; its keys, signed. Who is not here when time is up has dropped out.</summary>
    [Alias("Advertise")]
    Task Advertise(int place, ImmutableArray<byte> keys);
}

/// <summary>What a shard is told. A place is an index into <paramref name="Clients"/> and <paramref name="Credentials"/>.</summary>
/// <param name="UpdateLength">Values of an update.</param>
/// <param name="JoinBy">Nobody is waited for any longer.</param>
/// <param name="StepTime">How long each step after that waits for an answer.</param>
[GenerateSerializer, Immutable, Alias("citysafe.SecureShard")]
public sealed record SecureShard(
    string Population, int Round, int Number, LearningInput Input, ImmutableArray<string> Clients, ImmutableArray<ImmutableArray<byte>> Credentials,
    int Threshold, int UpdateLength, double UpdateNormMax, bool CountsOnce, DateTimeOffset JoinBy, TimeSpan StepTime);

/// <summary>A client's place in a shard.</summary>
/// <param name="Shard">The shard's key, which also names the sum.</param>
[GenerateSerializer, Immutable, Alias("citysafe.SecureSeat")]
public sealed record SecureSeat(string Shard, int Place, int Threshold, ImmutableArray<ImmutableArray<byte>> Credentials);

/// <summary>What a client is asked after it has advertised its keys (Bonawitz et al. 2017, figure 4, rounds 1 to 4).</summary>
public enum SecureStep
{
    ShareKeys,
    Mask,
    Agree,
    Reveal,
}

/// <param name="Payload">As SecureSumWire has it.</param>
[GenerateSerializer, Immutable, Alias("citysafe.SecureCall")]
public sealed record SecureCall(string Shard, SecureStep Step, ImmutableArray<byte> Payload);

/// <summary>What a shard came to.</summary>
/// <param name="Participants">Who is in the sum; nobody if there is none.</param>
/// <param name="Sum">[weight * update, weight, weight * loss], summed over them.</param>
/// <param name="Bytes">That clients sent.</param>
[GenerateSerializer, Immutable, Alias("citysafe.SecureShardReport")]
public sealed record SecureShardReport(int Round, int Shard, ImmutableArray<string> Participants, ImmutableArray<double> Sum, long Bytes);
