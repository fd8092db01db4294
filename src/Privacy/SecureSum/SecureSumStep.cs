namespace CitySafeSense.Privacy;

/// <summary>What a participant is asked after it has advertised its keys (Bonawitz et al. 2017, figure 4, rounds 1 to 4).</summary>
public enum SecureSumStep
{
    ShareKeys,
    Mask,
    Agree,
    Reveal,
}
