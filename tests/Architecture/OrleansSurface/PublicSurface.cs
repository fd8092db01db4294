using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace CitySafeSense.Architecture.OrleansSurface;

/// <summary>What an assembly shows of a namespace, as text, read from its metadata: nothing of it is loaded or run.</summary>
internal sealed class PublicSurface
{
    private readonly Dictionary<string, HashSet<string>> types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> bases = new(StringComparer.Ordinal);

    /// <param name="root">The namespace, with all below it.</param>
    public PublicSurface(string assemblyFile, string root)
    {
        using var file = new PEReader(File.OpenRead(assemblyFile));
        var reader = file.GetMetadataReader();
        var names = new TypeNames();
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            var name = names.GetTypeFromDefinition(reader, handle, 0);
            if (!IsVisible(type.Attributes) || !(name.StartsWith(root + ".", StringComparison.Ordinal))) continue;
            bases[name] = type.BaseType.IsNil ? null : names.Of(reader, type.BaseType);
            types[name] = [.. Members(reader, type, names)];
        }
    }

    public IEnumerable<string> Types => types.Keys.Order(StringComparer.Ordinal);

    public IEnumerable<string> MembersOf(string type) => types[type].Order(StringComparer.Ordinal);

    public bool Has(string type) => types.ContainsKey(type);

    /// <summary>Declared by the type itself or by one it derives from.</summary>
    public bool Has(string type, string member)
    {
        for (string? at = type; at is not null && types.TryGetValue(at, out var members); at = bases[at])
            if (members.Contains(member)) return true;
        return false;
    }

    private static bool IsVisible(TypeAttributes attributes) => (attributes & TypeAttributes.VisibilityMask) is TypeAttributes.Public or TypeAttributes.NestedPublic;

    private static IEnumerable<string> Members(MetadataReader reader, TypeDefinition type, TypeNames names)
    {
        foreach (var handle in type.GetMethods())
        {
            var method = reader.GetMethodDefinition(handle);
            if ((method.Attributes & MethodAttributes.MemberAccessMask) is not (MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem)) continue;
            var signature = method.DecodeSignature(names, null);
            var arity = signature.GenericParameterCount > 0 ? $"`{signature.GenericParameterCount}" : "";
            var isStatic = method.Attributes.HasFlag(MethodAttributes.Static) ? "static " : "";
            yield return $"{isStatic}{signature.ReturnType} {reader.GetString(method.Name)}{arity}({string.Join(", ", signature.ParameterTypes)})";
        }
        foreach (var handle in type.GetFields())
        {
            var field = reader.GetFieldDefinition(handle);
            if ((field.Attributes & FieldAttributes.FieldAccessMask) != FieldAttributes.Public || field.Attributes.HasFlag(FieldAttributes.SpecialName)) continue;
            var constant = field.GetDefaultValue();
            var value = constant.IsNil ? "" : " = " + Convert.ToHexString(reader.GetBlobBytes(reader.GetConstant(constant).Value));
            yield return $"{field.DecodeSignature(names, null)} {reader.GetString(field.Name)}{value}";
        }
    }

    /// <summary>Types by their full names.</summary>
    private sealed class TypeNames : ISignatureTypeProvider<string, object?>
    {
        public string Of(MetadataReader reader, EntityHandle handle) => handle.Kind switch
        {
            HandleKind.TypeDefinition => GetTypeFromDefinition(reader, (TypeDefinitionHandle)handle, 0),
            HandleKind.TypeReference => GetTypeFromReference(reader, (TypeReferenceHandle)handle, 0),
            _ => reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null),
        };

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeDefinition(handle);
            return type.GetDeclaringType() is { IsNil: false } outer
                ? $"{GetTypeFromDefinition(reader, outer, 0)}+{reader.GetString(type.Name)}"
                : $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeReference(handle);
            return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => Of(reader, handle);

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"System.{typeCode}";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{shape.Rank}]";

        public string GetByReferenceType(string elementType) => elementType + "&";

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetPinnedType(string elementType) => elementType;

        public string GetFunctionPointerType(MethodSignature<string> signature) => "function pointer";

        public string GetGenericInstantiation(string genericType, System.Collections.Immutable.ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(", ", typeArguments)}>";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;
    }
}
