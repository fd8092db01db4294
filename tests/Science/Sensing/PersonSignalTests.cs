using CitySafeSense.City;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.Science.Sensing;

public class PersonSignalTests
{
    [Fact]
    public void Same_seed_gives_the_same_bits_and_another_seed_or_person_gives_others()
    {
        static float[] Draw(ulong seed, int person) => [.. SyntheticPeople.Draw(seed, person, 3).SelectMany(w => w.Window.Values.ToArray())];
        Assert.Equal(Draw(1, 2), Draw(1, 2));
        Assert.NotEqual(Draw(1, 2), Draw(1, 3));
        Assert.NotEqual(Draw(1, 2), Draw(2, 2));
    }

    [Fact]
    public void Somebody_who_stands_feels_gravity_in_whatever_direction_the_phone_lies()
    {
        var directions = new HashSet<int>();
        for (var person = 0; person < 20; person++)
        {
            var window = Signal(person).Next(ActivityClass.Stationary, Manoeuvre.None);
            double[] mean = [.. Enumerable.Range(0, 3).Select(c => window[c].ToArray().Average(v => (double)v))];
            Assert.Equal(9.81, Math.Sqrt(mean.Sum(m => m * m)), 0.4);
            directions.Add(mean.Select((m, i) => (Math.Abs(m), i)).Max().i * 2 + (mean.MaxBy(Math.Abs) > 0 ? 1 : 0));
        }
        Assert.True(directions.Count >= 5, $"gravity lay along {directions.Count} of 6 half-axes only");
    }

    [Fact]
    public void Gyroscope_tells_the_turn_that_gravity_makes_in_the_phone()
    {
        // A phone turned slowly while its owner stands: integrating the gyroscope must carry the first gravity to the last.
        var person = Person.Draw(11, 4) with { GyroscopeNoise = 0, AccelerometerNoise = 0, AccelerometerBias = default };
        var signal = new PersonSignal(person, new Rng(9));
        for (var i = 0; i < 12; i++)
        {
            var window = signal.Next(ActivityClass.Stationary, Manoeuvre.PulledFromPocket);
            var carried = Mean(window, 0, 5);
            for (var t = 2; t < 97; t++)
            {
                var rate = new System.Numerics.Vector3(window[3][t], window[4][t], window[5][t]);
                if (rate.Length() == 0) continue;
                var turn = System.Numerics.Quaternion.CreateFromAxisAngle(System.Numerics.Vector3.Normalize(rate), -rate.Length() / 50);
                carried = System.Numerics.Vector3.Transform(carried, turn);
            }
            var last = Mean(window, 95, 100);
            var cosine = System.Numerics.Vector3.Dot(carried, last) / (carried.Length() * last.Length());
            Assert.True(cosine > 0.97, $"window {i}: the carried gravity is {Math.Acos(cosine) * 180 / Math.PI:F0} degrees off");
        }
    }

    [Fact]
    public void Walking_shows_the_persons_cadence_in_the_spectrum()
    {
        var person = Person.Draw(21, 1) with { RhythmJitter = 0, Carrying = Carrying.JacketPocket, PocketSwingRadians = 0.02 };
        var signal = new PersonSignal(person, new Rng(3));
        float[] magnitude = [.. Enumerable.Range(0, 8).SelectMany(_ =>
        {
            var w = signal.Next(ActivityClass.Walking, Manoeuvre.None);
            return Enumerable.Range(0, 100).Select(t => MathF.Sqrt(w[0][t] * w[0][t] + w[1][t] * w[1][t] + w[2][t] * w[2][t]));
        })];
        var mean = magnitude.Average();
        double Power(double hertz)
        {
            double re = 0, im = 0;
            for (var t = 0; t < magnitude.Length; t++)
            {
                re += (magnitude[t] - mean) * Math.Cos(2 * Math.PI * hertz * t / 50);
                im += (magnitude[t] - mean) * Math.Sin(2 * Math.PI * hertz * t / 50);
            }
            return re * re + im * im;
        }
        var peak = Enumerable.Range(10, 40).Select(i => i * 0.06).MaxBy(Power);
        Assert.InRange(peak, person.CadenceHertz * 0.88, person.CadenceHertz * 1.12);
    }

    [Fact]
    public void Dropped_phone_is_weightless_then_strikes()
    {
        var window = Signal(3).Next(ActivityClass.Stationary, Manoeuvre.PhoneDropped);
        double[] force = [.. Enumerable.Range(0, 100).Select(t => Math.Sqrt(Enumerable.Range(0, 3).Sum(c => (double)window[c][t] * window[c][t])))];
        Assert.True(force.Min() < 1, $"lightest {force.Min():F1} m/s2");
        Assert.True(force.Max() > 20, $"heaviest {force.Max():F1} m/s2");
    }

    [Fact]
    public void Riding_is_fast_and_standing_is_not_where_there_is_a_fix()
    {
        var speeds = Enumerable.Range(0, 30).Select(p => SyntheticPeople.Draw(8, p, 40)).SelectMany(w => w)
            .Where(w => w.Window.Has(ChannelGroups.Gnss)).ToLookup(w => w.Label, w => w.Window[6].ToArray().Average());
        Assert.InRange(speeds[ActivityClass.Riding].Average(), 4, 12);
        Assert.InRange(speeds[ActivityClass.Stationary].Average(), 0, 0.8);
        Assert.InRange(speeds[ActivityClass.Walking].Average(), 1.0, 2.2);
        var share = SyntheticPeople.Draw(8, 1, 200).Count(w => w.Window.Has(ChannelGroups.Gnss)) / 200.0;
        Assert.InRange(share, 0.4, 0.99);
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void Signals_are_too_hard_for_means_and_deviations_and_for_a_peak(ulong seed)
    {
        LabelledWindow[] training = [.. Enumerable.Range(0, 120).SelectMany(p => SyntheticPeople.Draw(seed, p, 30))];
        LabelledWindow[] test = [.. Enumerable.Range(120, 40).SelectMany(p => SyntheticPeople.Draw(seed, p, 30))];
        var linear = LinearBaseline.Judge(training, test);
        Assert.True(linear.MacroF1 < 0.80, $"seed {seed}: logistic regression reaches macro-F1 {linear.MacroF1:F3}");
        Assert.True(linear.Accuracy > linear.MajorityAccuracy, $"seed {seed}: but it must learn something");
        var peaks = AveragePrecision.Of([.. test.Select(Peak)], [.. test.Select(w => w.Label == ActivityClass.Mugging)]);
        Assert.True(peaks < 0.60, $"seed {seed}: a threshold on the peak reaches average precision {peaks:F3}");
    }

    private static double Peak(LabelledWindow window) =>
        Enumerable.Range(0, 100).Max(t => Math.Sqrt(Enumerable.Range(0, 3).Sum(c => (double)window.Window[c][t] * window.Window[c][t])));

    private static PersonSignal Signal(int person) => new(Person.Draw(5, person), new Rng((ulong)person));

    private static System.Numerics.Vector3 Mean(SensorWindow window, int from, int to)
    {
        var sum = System.Numerics.Vector3.Zero;
        for (var t = from; t < to; t++) sum += new System.Numerics.Vector3(window[0][t], window[1][t], window[2][t]);
        return sum / (to - from);
    }
}
