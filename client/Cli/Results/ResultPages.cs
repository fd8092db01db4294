namespace CitySafeSense.Cli.Results;

/// <summary>The pages of docs/results, in README's order.</summary>
internal static class ResultPages
{
    public static IReadOnlyList<ResultPage> All { get; } =
    [
        CityPages.Demo,
        LearningPages.Activities,
        LearningPages.EightBits,
        FederationPages.Strategies,
        FederationPages.PublishedReference,
        FederationPages.FewLabels,
        FederationPages.ByzantineClients,
        CityPages.Detectors,
        CityPages.Prediction,
        RoomPages.Falls,
        RoomPages.Microcontroller,
    ];
}
