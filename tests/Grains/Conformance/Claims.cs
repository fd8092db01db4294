using System.Reflection;

namespace CitySafeSense.Tests.Conformance;

/// <summary>What grains may rely on, whichever runtime they run on. Each claim is a method that is given a stage of its own.</summary>
public static class Claims
{
    public static IReadOnlyDictionary<string, Func<IStage, Task>> All { get; } = new[] { typeof(TurnClaims), typeof(CallClaims), typeof(MessageClaims), typeof(LifeClaims), typeof(StateClaims) }
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static))
        .OrderBy(method => method.Name, StringComparer.Ordinal)
        .ToDictionary(method => method.Name, method => method.CreateDelegate<Func<IStage, Task>>());
}
