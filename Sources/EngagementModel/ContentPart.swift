/// What a message is made of, and what is reviewed on its own.
public enum PartKind: String, ClosedList, Codable {
    case claim, module, template, offer, message

    /// The name that pages show.
    public var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

/// One part in one language.
public struct PartKey: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    public var kind: PartKind
    public var id: String
    /// BCP 47; empty = for every language (a template without words).
    public var language: String

    public init(_ kind: PartKind, _ id: String, _ language: String) {
        self.kind = kind
        self.id = id
        self.language = language
    }

    /// `claim/CL-1/de`
    public var description: String { language.isEmpty ? "\(kind)/\(id)" : "\(kind)/\(id)/\(language)" }

    public static func < (a: PartKey, b: PartKey) -> Bool {
        (a.kind.code, a.id, a.language) < (b.kind.code, b.id, b.language)
    }
}

/// One version of a part: what is signed. The digest binds a signature to the words.
public struct PartVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var key: PartKey
    public var version: String
    /// SHA-256 of the part's record, hexadecimal.
    public var digest: String

    public init(_ key: PartKey, version: String, digest: String) {
        self.key = key
        self.version = version
        self.digest = digest
    }

    public var description: String { "\(key)@\(version)" }

    public static func < (a: PartVersion, b: PartVersion) -> Bool {
        (a.key, a.version, a.digest) < (b.key, b.version, b.digest)
    }
}

/// What review says about one version of a part.
public struct PartStanding: Sendable, Hashable {
    public var state: MLRState
    public var approvedOn: Day?
    /// The last day on which it may be used; nil = as long as the part itself says.
    public var expiresOn: Day?

    public init(_ state: MLRState, approvedOn: Day? = nil, expiresOn: Day? = nil) {
        self.state = state
        self.approvedOn = approvedOn
        self.expiresOn = expiresOn
    }

    /// Whether the part may go out on a day.
    public func allows(_ day: Day) -> Bool {
        state.isSendable && approvedOn.map { $0 <= day } ?? true && expiresOn.map { day <= $0 } ?? true
    }
}
