namespace CitySafeSense.Science;

/// <summary>For tests that measure memory of the whole process: they run when no others do.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone;
