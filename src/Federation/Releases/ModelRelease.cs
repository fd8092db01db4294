namespace CitySafeSense.Federation;

/// <summary>How far a committed version has come on its way to everybody.</summary>
public enum ReleaseStage
{
    /// <summary>No version is on trial.</summary>
    None,

    /// <summary>The candidate is asked beside the released version, and nobody hears its answer.</summary>
    Shadow,

    /// <summary>A share of the devices answers with it.</summary>
    Canary,
}

/// <summary>
/// Which version of a model answers, and which is on its way there. Pure, and told apart from training: rounds go on from the
/// newest version whatever is released. A version is a positive number; 0 is none.
/// </summary>
/// <param name="Released">Answers on every device that has no model of its own.</param>
/// <param name="Before">Was released before it, and is what a rollback goes back to.</param>
/// <param name="IsHeld">Nothing new is tried until somebody says so.</param>
/// <param name="Withdrawn">The newest version that was rejected: it and older ones are not tried again by themselves.</param>
/// <param name="Rejections">Versions that the gate rejected since one was released.</param>
public sealed record ModelRelease(int Released, int Before, int Candidate, ReleaseStage Stage, bool IsHeld, int Withdrawn, int Rejections = 0)
{
    public static ModelRelease Nothing { get; } = new(0, 0, 0, ReleaseStage.None, false, 0);

    /// <summary>A version exists. The very first one is released: something has to answer. It stays until a trained one beats the majority class; after that versions go on trial, one at a time.</summary>
    /// <param name="isReleasedTrained">Whether the released version has learned anything.</param>
    /// <param name="beatsMajority">Whether the new version is more accurate on held-out windows than always answering the commonest class; true where none are held out.</param>
    public ModelRelease Committed(int version, bool isReleasedTrained, bool beatsMajority = true)
    {
        if (IsHeld || version <= Math.Max(Released, Withdrawn)) return this;
        if (Released == 0) return this with { Released = version };
        if (!isReleasedTrained) return beatsMajority ? this with { Released = version, Candidate = 0, Stage = ReleaseStage.None, Rejections = 0 } : this with { Withdrawn = version, Rejections = Rejections + 1 };
        return Stage == ReleaseStage.None ? this with { Candidate = version, Stage = ReleaseStage.Shadow } : this;
    }

    /// <summary>A newer version that is clearly better takes the candidate's place.</summary>
    /// <exception cref="InvalidOperationException">No version is on trial, or this one is not newer.</exception>
    public ModelRelease Superseded(int version) => Stage != ReleaseStage.None && version > Candidate
        ? this with { Candidate = version, Stage = ReleaseStage.Shadow }
        : throw new InvalidOperationException($"version {version} takes no candidate's place: {(Stage == ReleaseStage.None ? "none is on trial" : $"{Candidate} is")}");

    /// <summary>Puts a version on trial in place of whichever is.</summary>
    public ModelRelease Try(int version) => this with { Candidate = version, Stage = ReleaseStage.Shadow, IsHeld = false };

    /// <summary>The candidate goes one stage further; after the last one it is released.</summary>
    /// <exception cref="InvalidOperationException">No version is on trial.</exception>
    public ModelRelease Advanced() => Stage switch
    {
        ReleaseStage.Shadow => this with { Stage = ReleaseStage.Canary },
        ReleaseStage.Canary => new(Candidate, Released, 0, ReleaseStage.None, IsHeld, Withdrawn),
        _ => throw new InvalidOperationException("no version is on trial"),
    };

    /// <summary>The gate rejects the candidate.</summary>
    public ModelRelease Rejected() => this with { Candidate = 0, Stage = ReleaseStage.None, Withdrawn = Math.Max(Withdrawn, Candidate), Rejections = Rejections + 1 };

    /// <summary>Takes the candidate back, or without one goes back to the version before, and holds.</summary>
    /// <exception cref="InvalidOperationException">There is neither.</exception>
    public ModelRelease RolledBack() =>
        Stage != ReleaseStage.None ? Rejected() with { IsHeld = true, Rejections = Rejections }
        : Before == 0 ? throw new InvalidOperationException("there is no version to go back to")
        : this with { Released = Before, Before = 0, IsHeld = true, Withdrawn = Math.Max(Withdrawn, Released) };

    /// <summary>This version and no other, until it is unpinned.</summary>
    public ModelRelease Pinned(int version) => new(version, version == Released ? Before : Released, 0, ReleaseStage.None, true, Withdrawn, Rejections);

    public ModelRelease Unpinned() => this with { IsHeld = false };
}
