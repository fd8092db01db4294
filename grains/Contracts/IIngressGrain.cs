namespace CitySafeSense.Contracts;

/// <summary>Which silo reads which session of the broker: `ingress`.</summary>
[Alias("citysafe.IIngressGrain")]
public interface IIngressGrain : IGrainWithStringKey
{
    /// <summary>The sessions that this silo has until it asks again, which it must within <see cref="Limits.IngressLease"/>.</summary>
    [Alias("Renew")]
    Task<ImmutableArray<int>> Renew(string silo);
}
