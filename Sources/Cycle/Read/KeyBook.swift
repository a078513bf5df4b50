internal import EngagementModel
internal import Ledger

/// The keys of programs that may ask a workspace's server, for the command line.
public struct KeyBook: Sendable {
    private let ledger: Ledger
    private static let principal = Principal(id: "command")

    public init(workspace: Workspace, now: @escaping @Sendable () -> Int64) throws {
        ledger = try workspace.openLedger(now: now)
    }

    /// A key as `rapport user key list` prints it.
    public struct Entry: Sendable, Codable {
        public var name: String
        public var scopes: [String]
        public var perSecond: Int?
        public var revoked: Bool
    }

    /// Names of the scopes that a key may have.
    public static var scopes: [String] { KeyScope.allCases.map(\.rawValue) }

    /// Makes a key and returns its text, which is shown this once.
    ///
    /// - Throws: `unknown_scope`, and what the ledger says.
    public func add(name: String, scopes: [String], perSecond: Int?) async throws -> String {
        let known = try scopes.map { word in
            guard let scope = KeyScope(rawValue: word) else {
                throw Diagnostic(
                    "unknown_scope", "there is no scope \(word)",
                    remedy: "use \(Self.scopes.joined(separator: " or "))")
            }
            return scope
        }
        return try await ledger.createKey(
            name: name, scopes: Set(known), perSecond: perSecond, by: Self.principal
        ).text
    }

    public func list() async throws -> [Entry] {
        try await ledger.keys().map {
            Entry(
                name: $0.name, scopes: $0.scopes.map(\.rawValue).sorted(), perSecond: $0.perSecond,
                revoked: $0.isRevoked)
        }
    }

    public func revoke(_ name: String) async throws { try await ledger.revokeKey(name: name, by: Self.principal) }
}
