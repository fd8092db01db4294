using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Privacy;

namespace CitySafeSense.Grains;

/// <summary>A client's side of secure sums: its credential, and the one sum it sits in. In memory only; a client that is lost has dropped out.</summary>
internal sealed class SecureParticipation(IRandomBytes random, IComputePool pool)
{
    private readonly Lazy<SecureSumCredential> credential = new(SecureSumCredential.Create);
    private SecureSumClient? client;
    private float[] vector = [];
    private string? shard;

    /// <summary>The public half.</summary>
    public ImmutableArray<byte> Credential => [.. credential.Value.PublicKey];

    /// <summary>Takes a seat with an update; answers the keys to advertise.</summary>
    public Task<ImmutableArray<byte>> Sit(SecureSeat seat, float[] update, double normMax) => pool.Run<ImmutableArray<byte>>(() =>
    {
        Leave();
        var participants = seat.Credentials.Length;
        var plan = new SecureSumPlan(seat.Shard, participants, seat.Threshold, update.Length, SecureUpdate.Format(normMax, participants));
        client = new SecureSumClient(plan, seat.Place, credential.Value, Enumerable.Range(0, participants).ToDictionary(p => p, p => seat.Credentials[p].ToArray()), random);
        (shard, vector) = (seat.Shard, update);
        return [.. SecureSumWire.Write([client.Advertise()])];
    });

    /// <exception cref="SecureSumException">It cannot go on.</exception>
    /// <exception cref="FormatException">The payload is not a message of this step.</exception>
    public Task<ImmutableArray<byte>> Step(SecureCall call) => pool.Run<ImmutableArray<byte>>(() =>
    {
        if (client is not { } seated || call.Shard != shard) throw new SecureSumException($"no seat in {call.Shard}");
        var payload = call.Payload.AsSpan();
        switch (call.Step)
        {
            case SecureStep.ShareKeys:
                return [.. SecureSumWire.Write(seated.ShareKeys(SecureSumWire.ReadKeys(payload)))];
            case SecureStep.Mask:
                var masked = seated.Mask(vector, SecureSumWire.ReadShares(payload));
                vector = [];
                return [.. masked.Entries];
            case SecureStep.Agree:
                return [.. seated.Agree(SecureSumWire.ReadParticipants(payload)).Signature];
            default:
                var revealed = seated.Reveal(SecureSumWire.ReadSignatures(payload));
                Leave();
                return [.. SecureSumWire.Write(revealed)];
        }
    });

    private void Leave()
    {
        client?.Dispose();
        (client, vector, shard) = (null, [], null);
    }
}
