namespace CitySafeSense.Cli.Verbs;

/// <summary>`hotspots`: what is out of the ordinary, and how well that is told.</summary>
internal static class HotspotVerbs
{
    public static Command Command() => new("hotspots", """
        Hotspots: how well past events say where later ones happen.

        Example: citysafe hotspots evaluate --points accidents.csv.gz --train 2011,2012 --test 2014 --area districts.geojson
        """) { HotspotsEvaluate.Command() };
}
