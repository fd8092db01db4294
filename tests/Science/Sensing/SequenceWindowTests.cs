using CitySafeSense.Sensing;
using FsCheck;
using FsCheck.Fluent;

namespace CitySafeSense.Science.Sensing;

public class SequenceWindowTests
{
    [Fact]
    public void Any_order_with_repeats_counts_every_number_once_and_survives_storage()
    {
        Prop.ForAll<int[]>(raw =>
        {
            ulong[] numbers = [.. raw.Select(n => (ulong)(Math.Abs((long)n) % SequenceWindow.Reach))];
            var window = new SequenceWindow();
            var taken = new HashSet<ulong>();
            foreach (var n in numbers)
            {
                var verdict = window.Take(1, n);
                if ((verdict == SequenceVerdict.Fresh) != taken.Add(n)) return false;
                if (n % 5 == 0) window = SequenceWindow.Decode(window.Encode());
            }
            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void New_epoch_starts_anew_and_an_old_one_is_refused()
    {
        var window = new SequenceWindow();
        Assert.Equal(SequenceVerdict.Fresh, window.Take(5, 10));
        Assert.Equal(SequenceVerdict.Fresh, window.Take(6, 10));
        Assert.Equal(SequenceVerdict.OldEpoch, window.Take(5, 11));
        Assert.Equal(SequenceVerdict.Duplicate, window.Take(6, 10));
    }

    [Fact]
    public void What_lies_beyond_the_reach_is_too_old_and_a_jump_forgets_nothing_within_it()
    {
        var window = new SequenceWindow();
        for (var n = 0UL; n < 3000; n += 3) Assert.Equal(SequenceVerdict.Fresh, window.Take(1, n));
        Assert.Equal(SequenceVerdict.TooOld, window.Take(1, 2997 - 1024));
        Assert.Equal(SequenceVerdict.Fresh, window.Take(1, 2996));
        Assert.Equal(SequenceVerdict.Duplicate, window.Take(1, 2991));
        Assert.Equal(SequenceVerdict.Fresh, window.Take(1, 2997 - 1023 + 1));
    }
}
