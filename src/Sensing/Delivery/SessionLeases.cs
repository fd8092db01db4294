using System.Collections.Immutable;

namespace CitySafeSense.Sensing;

/// <summary>
/// Which silo has which ingress session, and until when. A silo that is alive renews; one that died loses its sessions to the
/// others when its lease ends. Each alive silo has its share, the first ones one more where it does not come out even.
/// </summary>
public sealed class SessionLeases(int sessions, TimeSpan length)
{
    private readonly Dictionary<string, DateTimeOffset> silos = [];
    private readonly (string Silo, DateTimeOffset Until)[] leases = new (string, DateTimeOffset)[sessions];

    /// <summary>The sessions that this silo has from now on, for one length; it must have let go of all others before it asks again.</summary>
    public ImmutableArray<int> Renew(string silo, DateTimeOffset now)
    {
        silos[silo] = now + length;
        foreach (var gone in silos.Where(s => s.Value <= now).Select(s => s.Key).ToArray()) silos.Remove(gone);
        string[] alive = [.. silos.Keys.Order(StringComparer.Ordinal)];
        var place = Array.IndexOf(alive, silo);
        var share = sessions / alive.Length + (place < sessions % alive.Length ? 1 : 0);
        var mine = ImmutableArray.CreateBuilder<int>();
        // Its own first, so that sessions stay where they are; then those that nobody has.
        foreach (var isMine in (bool[])[true, false])
            for (var s = 0; s < sessions && mine.Count < share; s++)
            {
                var isHeld = leases[s].Until > now;
                if (isMine ? !isHeld || leases[s].Silo != silo : isHeld) continue;
                leases[s] = (silo, now + length);
                mine.Add(s);
            }
        // What is beyond its share is free for others once it has let go, which it does on this answer.
        for (var s = 0; s < sessions; s++)
            if (leases[s].Silo == silo && !mine.Contains(s)) leases[s] = default;
        return mine.ToImmutable();
    }
}
