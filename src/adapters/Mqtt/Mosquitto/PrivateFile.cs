namespace CitySafeSense.Mqtt.Mosquitto;

/// <summary>A file that only its owner may read, from its first byte on; it is there whole or not at all.</summary>
internal static class PrivateFile
{
    public static void Write(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var beside = $"{path}.new";
        using (var writer = new StreamWriter(beside, options)) writer.Write(text);
        File.Move(beside, path, overwrite: true);
    }
}
