using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>The learning rate of each epoch, counted from 0.</summary>
public abstract record LearningRateSchedule
{
    public abstract double RateOf(int epoch);

    /// <summary>The same course over another number of epochs; for training that is extended, and begins a cycle anew (Loshchilov and Hutter 2017, section 3).</summary>
    public virtual LearningRateSchedule Over(int epochs) => this;

    /// <summary>Always the same.</summary>
    public sealed record Constant(double Rate) : LearningRateSchedule
    {
        public override double RateOf(int epoch) => Rate;
    }

    /// <summary>Multiplied by a factor every so many epochs.</summary>
    public sealed record Steps(double Rate, double Factor, int Every) : LearningRateSchedule
    {
        public override double RateOf(int epoch)
        {
            var rate = Rate;
            for (var n = epoch / Math.Max(1, Every); n > 0; n--) rate *= Factor;
            return rate;
        }
    }

    /// <summary>Rises in a straight line for some epochs, then falls as half a cosine (Loshchilov and Hutter 2017) to nearly nothing at the last.</summary>
    public sealed record Cosine(double Rate, int Epochs, int WarmUp = 0) : LearningRateSchedule
    {
        public override double RateOf(int epoch) => epoch < WarmUp
            ? Rate * (epoch + 1) / (WarmUp + 1)
            : Rate * (1 + Elementary.Cos(Math.PI * Math.Min(1, (epoch - WarmUp) / (double)Math.Max(1, Epochs - WarmUp)))) / 2;

        public override LearningRateSchedule Over(int epochs) => this with { Epochs = epochs };
    }
}

/// <summary>Ends training when the loss on examples it does not train on has not become smaller for some epochs.</summary>
/// <param name="Patience">Epochs without a new best; 0 never stops.</param>
public sealed record EarlyStopping(int Patience);
