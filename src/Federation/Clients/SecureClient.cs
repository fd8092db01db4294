using CitySafeSense.Privacy;

namespace CitySafeSense.Federation;

/// <summary>A client's place in a secure sum.</summary>
/// <param name="Shard">Names the sum.</param>
/// <param name="Threshold">How many must stay to the end.</param>
/// <param name="Credentials">Everybody's public key, by place.</param>
public sealed record SecurePlace(string Shard, int Place, int Threshold, IReadOnlyList<byte[]> Credentials);

/// <summary>A client's side of secure sums: its credential, and the one sum it sits in. In memory only; a client that is lost has dropped out.</summary>
public sealed class SecureClient(IRandomBytes random) : IDisposable
{
    private readonly Lazy<SecureSumCredential> credential = new(SecureSumCredential.Create);
    private SecureSumClient? seated;
    private float[] vector = [];
    private string? shard;

    /// <summary>The public half of what it signs with.</summary>
    public byte[] Credential => credential.Value.PublicKey;

    /// <summary>Takes a place with an update; answers the keys to advertise.</summary>
    /// <param name="update">As <see cref="SecureUpdate.Of"/> makes it.</param>
    /// <exception cref="ArgumentException">The place is none.</exception>
    public byte[] Sit(SecurePlace place, float[] update, double normMax)
    {
        Leave();
        var participants = place.Credentials.Count;
        if (place.Place < 0 || place.Place >= participants) throw new ArgumentException($"place {place.Place} in a sum of {participants}");
        var plan = new SecureSumPlan(place.Shard, participants, place.Threshold, update.Length, SecureUpdate.Format(normMax, participants));
        seated = new SecureSumClient(plan, place.Place, credential.Value, Enumerable.Range(0, participants).ToDictionary(p => p, p => place.Credentials[p]), random);
        (shard, vector) = (place.Shard, update);
        return SecureSumWire.Write([seated.Advertise()]);
    }

    /// <exception cref="SecureSumException">It cannot go on.</exception>
    /// <exception cref="FormatException">The payload is not a message of this step.</exception>
    public byte[] Answer(string sum, SecureSumStep step, ReadOnlySpan<byte> payload)
    {
        if (seated is null || sum != shard) throw new SecureSumException($"no seat in {sum}");
        switch (step)
        {
            case SecureSumStep.ShareKeys:
                return SecureSumWire.Write(seated.ShareKeys(SecureSumWire.ReadKeys(payload)));
            case SecureSumStep.Mask:
                var masked = seated.Mask(vector, SecureSumWire.ReadShares(payload));
                vector = [];
                return masked.Entries;
            case SecureSumStep.Agree:
                return seated.Agree(SecureSumWire.ReadParticipants(payload)).Signature;
            default:
                var revealed = seated.Reveal(SecureSumWire.ReadSignatures(payload));
                Leave();
                return SecureSumWire.Write(revealed);
        }
    }

    public void Dispose() => Leave();

    private void Leave()
    {
        seated?.Dispose();
        (seated, vector, shard) = (null, [], null);
    }
}
