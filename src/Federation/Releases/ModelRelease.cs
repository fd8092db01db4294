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
/// <param name="Withdrawn">The newest version that was on trial and taken back: it and older ones are not tried again by themselves.</param>
public sealed record ModelRelease(int Released, int Before, int Candidate, ReleaseStage Stage, bool IsHeld, int Withdrawn)
{
    public static ModelRelease Nothing { get; } = new(0, 0, 0, ReleaseStage.None, false, 0);

    /// <summary>A version exists. It goes on trial if no other is; the first that was trained replaces nothing that could be worse.</summary>
    /// <param name="isReleasedTrained">Whether the released version has learned anything.</param>
    public ModelRelease Committed(int version, bool isReleasedTrained) =>
        IsHeld || version <= Math.Max(Released, Withdrawn) ? this
        : !isReleasedTrained ? this with { Released = version, Candidate = 0, Stage = ReleaseStage.None }
        : Stage == ReleaseStage.None ? this with { Candidate = version, Stage = ReleaseStage.Shadow }
        : this;

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

    /// <summary>The candidate is taken back.</summary>
    public ModelRelease TakenBack() => this with { Candidate = 0, Stage = ReleaseStage.None, Withdrawn = Math.Max(Withdrawn, Candidate) };

    /// <summary>Takes the candidate back, or without one goes back to the version before, and holds.</summary>
    /// <exception cref="InvalidOperationException">There is neither.</exception>
    public ModelRelease RolledBack() =>
        Stage != ReleaseStage.None ? TakenBack() with { IsHeld = true }
        : Before == 0 ? throw new InvalidOperationException("there is no version to go back to")
        : this with { Released = Before, Before = 0, IsHeld = true, Withdrawn = Math.Max(Withdrawn, Released) };

    /// <summary>This version and no other, until it is unpinned.</summary>
    public ModelRelease Pinned(int version) => new(version, version == Released ? Before : Released, 0, ReleaseStage.None, true, Withdrawn);

    public ModelRelease Unpinned() => this with { IsHeld = false };
}
