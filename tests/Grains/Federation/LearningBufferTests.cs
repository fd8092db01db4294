using CitySafeSense.Grains;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.Tests.Federation;

public class LearningBufferTests
{
    private static readonly SensorWindow window = SyntheticPeople.Draw(1, 0, 1)[0].Window;

    [Fact]
    public void Labelled_windows_are_kept_once_and_others_not_at_all()
    {
        var buffer = new LearningBuffer(new LearningMemory());
        foreach (var sequence in new ulong[] { 1, 2, 2, 3 }) buffer.Add(Header(sequence, label: 4), window);
        buffer.Add(Header(4, label: null), window);
        Assert.Equal(3, buffer.Count);
        Assert.All(buffer.Windows, w => Assert.Equal(4, w.Label));
    }

    [Fact]
    public void Devices_share_the_memory_of_their_silo_and_give_back_what_they_leave()
    {
        var memory = new LearningMemory(1000);
        LearningBuffer[] buffers = [.. Enumerable.Range(0, 10).Select(_ => new LearningBuffer(memory))];
        Fill(buffers[0], from: 1, count: 600);
        Assert.Equal(512, buffers[0].Count); // alone it has as much as one may have
        foreach (var buffer in buffers[1..]) Fill(buffer, from: 1, count: 600);
        Fill(buffers[0], from: 601, count: 1);
        Assert.Equal(100, buffers[0].Count);
        Assert.InRange(buffers.Sum(b => b.Count), 500, 1000 + 10 * 8); // those that have not sent since keep theirs until they do, others make do with little
        foreach (var buffer in buffers) Fill(buffer, from: 700, count: 100);
        foreach (var buffer in buffers) Fill(buffer, from: 800, count: 100);
        Assert.Equal(1000, buffers.Sum(b => b.Count));
        foreach (var buffer in buffers[1..]) buffer.Clear();
        Fill(buffers[0], from: 901, count: 600);
        Assert.Equal(512, buffers[0].Count);
        Assert.Equal(8, new LearningMemory(0).Share); // whoever is there may always take part
    }

    private static void Fill(LearningBuffer buffer, int from, int count)
    {
        for (var i = 0; i < count; i++) buffer.Add(Header((ulong)(from + i), label: 0), window);
    }

    private static WindowHeader Header(ulong sequence, byte? label) => new("phone", 1, sequence, 0, 0, 2, label);
}
