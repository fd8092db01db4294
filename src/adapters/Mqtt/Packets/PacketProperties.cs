namespace CitySafeSense.Mqtt.Packets;

/// <summary>The properties of a packet that this client looks at (specification 2.2.2); the others are checked for form and passed over.</summary>
internal record struct PacketProperties
{
    public const byte SessionExpiryIntervalId = 0x11, ReceiveMaximumId = 0x21, MaximumPacketSizeId = 0x27, TopicAliasMaximumId = 0x22, TopicAliasId = 0x23;

    public PacketProperties()
    {
    }

    public uint? SessionExpirySeconds { get; private set; }
    public ushort ReceiveMaximum { get; private set; } = ushort.MaxValue;
    public byte MaximumQuality { get; private set; } = 2;
    public bool RetainAvailable { get; private set; } = true;
    public uint MaximumPacketBytes { get; private set; } = uint.MaxValue;
    public string? AssignedClientId { get; private set; }
    public ushort TopicAliasMaximum { get; private set; }
    public ushort TopicAlias { get; private set; }
    public string? Reason { get; private set; }
    public ushort? ServerKeepAliveSeconds { get; private set; }

    public static PacketProperties Read(ref PacketReader packet)
    {
        var properties = new PacketProperties();
        var reader = new PacketReader(packet.Take(packet.VariableInteger()));
        var seen = 0L;
        while (!reader.AtEnd && !packet.IsBroken)
        {
            var id = reader.VariableInteger();
            // Only user properties and subscription identifiers may come twice.
            if (id is < 1 or > 0x2A || (id is not (0x26 or 0x0B) && (seen >> id & 1) != 0)) reader.Break();
            else properties.ReadOne(ref reader, id);
            seen |= 1L << id;
            if (reader.IsBroken) packet.Break();
        }
        return properties;
    }

    private void ReadOne(ref PacketReader reader, int id)
    {
        switch (id)
        {
            case SessionExpiryIntervalId: SessionExpirySeconds = reader.UInt32(); break;
            case 0x12: AssignedClientId = reader.Text(); break;
            case 0x13: ServerKeepAliveSeconds = reader.UInt16(); break;
            case 0x1F: Reason = reader.Text(); break;
            case ReceiveMaximumId: ReceiveMaximum = NotZero(ref reader, reader.UInt16()); break;
            case TopicAliasMaximumId: TopicAliasMaximum = reader.UInt16(); break;
            case TopicAliasId: TopicAlias = NotZero(ref reader, reader.UInt16()); break;
            case 0x24: MaximumQuality = UpTo1(ref reader); break;
            case 0x25: RetainAvailable = UpTo1(ref reader) == 1; break;
            case MaximumPacketSizeId: MaximumPacketBytes = reader.UInt32(); break;
            case 0x01 or 0x17 or 0x19 or 0x28 or 0x29 or 0x2A: UpTo1(ref reader); break;
            case 0x02 or 0x18: reader.UInt32(); break;
            case 0x03 or 0x08 or 0x15 or 0x1A or 0x1C: reader.Text(); break;
            case 0x09 or 0x16: reader.Binary(); break;
            case 0x0B: if (reader.VariableInteger() == 0) reader.Break(); break;
            case 0x26:
                reader.Text();
                reader.Text();
                break;
            default: reader.Break(); break;
        }
    }

    private static byte UpTo1(ref PacketReader reader)
    {
        var value = reader.Byte();
        if (value > 1) reader.Break();
        return value;
    }

    private static ushort NotZero(ref PacketReader reader, ushort value)
    {
        if (value == 0) reader.Break();
        return value;
    }
}
