using System.Security.Cryptography;
using System.Text.Json;
using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.Silo;

namespace CitySafeSense.InProcess;

/// <summary>
/// An experiment in a folder: everything its grains store, in the files of a silo, and the rounds that were judged. An experiment
/// that was interrupted between two rounds goes on as if it had not been; a round that was interrupted itself is abandoned.
/// </summary>
internal sealed class ExperimentDiary : IAsyncDisposable
{
    private readonly string roundsFile;

    private ExperimentDiary(Stores stores, string roundsFile, IReadOnlyList<ExperimentRound> rounds) => (Stores, this.roundsFile, Rounds) = (stores, roundsFile, rounds);

    public Stores Stores { get; }

    /// <summary>That were over when it was interrupted.</summary>
    public IReadOnlyList<ExperimentRound> Rounds { get; }

    /// <exception cref="ArgumentException">What is in the folder is of another experiment, or this one cannot be taken up again.</exception>
    public static ExperimentDiary Open(string folder, ExperimentPopulation population, RoundTerms terms, ExperimentOptions options)
    {
        if (options.Privacy is not null || Strategy.Named(terms.Strategy).Arrival == Arrival.Buffered)
            throw new ArgumentException($"--resume does not go with {(options.Privacy is null ? $"{terms.Strategy}: who is at work" : "--dp: which noise was drawn")} is not stored, so it would not be the same experiment");
        folder = Path.Combine(folder, terms.Strategy);
        Directory.CreateDirectory(folder);
        var (known, description, roundsFile) = (Path.Combine(folder, "experiment.txt"), Describe(population, terms, options), Path.Combine(folder, "rounds.json"));
        if (!File.Exists(known)) File.WriteAllText(known, description);
        else if (File.ReadAllText(known) != description) throw new ArgumentException($"{folder} holds another experiment: give the options it was begun with, or another folder");
        var rounds = File.Exists(roundsFile) ? JsonSerializer.Deserialize<List<ExperimentRound>>(File.ReadAllText(roundsFile))! : [];
        return new(Stores.OnSqlite(folder), roundsFile, rounds);
    }

    public void Write(IReadOnlyList<ExperimentRound> rounds)
    {
        File.WriteAllText(roundsFile + ".partial", JsonSerializer.Serialize(rounds));
        File.Move(roundsFile + ".partial", roundsFile, overwrite: true);
    }

    public ValueTask DisposeAsync() => Stores.DisposeAsync();

    /// <summary>Everything that decides what comes out, but for how many rounds there are.</summary>
    private static string Describe(ExperimentPopulation population, RoundTerms terms, ExperimentOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var client in population.Everybody)
        {
            var examples = population.Training(client);
            for (var r = 0; r < examples.Count; r++) hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(examples.Input(r)));
        }
        return $"{JsonSerializer.Serialize(terms)}\n{JsonSerializer.Serialize(population.Spec)}\n{options.Start?.Hash}, {options.Sample}, {options.Dropout}, {options.Liars?.Lie}\n{Convert.ToHexStringLower(hash.GetHashAndReset())}\n";
    }
}
