using System.Net;
using System.Net.Sockets;

namespace CitySafeSense.Storage;

/// <summary>Ports for servers that are started for a while: a database of one's own, a silo under test.</summary>
public static class LoopbackPort
{
    /// <summary>A port of the loopback address that nobody listened on a moment ago.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
