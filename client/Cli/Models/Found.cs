using System.Reflection;

namespace CitySafeSense.Cli.Models;

/// <summary>A user's own class, named as ASSEMBLY.dll:CLASS.</summary>
internal static class Found
{
    /// <returns>Nothing where the name is not of that form.</returns>
    /// <exception cref="ArgumentException">There is no such class, or it is not one that is needed here.</exception>
    public static T? Class<T>(string name)
        where T : class
    {
        var colon = name.LastIndexOf(".dll:", StringComparison.OrdinalIgnoreCase);
        if (colon < 0) return null;
        var (path, className) = (Path.GetFullPath(name[..(colon + 4)]), name[(colon + 5)..]);
        if (!File.Exists(path)) throw new ArgumentException($"{path} does not exist");
        try
        {
            var type = Assembly.LoadFrom(path).GetTypes().FirstOrDefault(t => t.FullName == className || t.Name == className)
                ?? throw new ArgumentException($"{path} has no class {className}");
            return typeof(T).IsAssignableFrom(type) && type.GetConstructor([]) is not null ? (T)Activator.CreateInstance(type)!
                : throw new ArgumentException($"{className} is no {typeof(T).Name} with a public constructor without parameters");
        }
        catch (Exception e) when (e is BadImageFormatException or ReflectionTypeLoadException or MissingMethodException or TargetInvocationException or FileLoadException)
        {
            throw new ArgumentException($"{path}: {className} cannot be loaded ({e.InnerException?.Message ?? e.Message})", e);
        }
    }
}
