using CitySafeSense.Contracts;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>Which silo reads which session of the broker: `ingress`. In memory only: after a restart silos say again that they are there, and the broker lets one reader in for each session.</summary>
public sealed class IngressGrain(TimeProvider time) : Grain, IIngressGrain
{
    private readonly SessionLeases leases = new(Limits.IngressSessions, Limits.IngressLease);

    public Task<ImmutableArray<int>> Renew(string silo) => Task.FromResult(leases.Renew(silo, time.GetUtcNow()));
}
