public import EngagementModel
internal import Foundation
package import Ledger

/// The people who may sign in to a workspace, for the command line.
public struct UserBook: Sendable {
    private let ledger: Ledger
    private let workspace: Workspace

    public init(workspace: Workspace, now: @escaping @Sendable () -> Int64) throws {
        self.workspace = workspace
        ledger = try workspace.openLedger(now: now)
    }

    /// A person as `rapport user list` prints them.
    public struct Person: Sendable, Codable {
        public var login: String
        public var role: String
        public var repID: String?
        public var disabled: Bool
    }

    public func add(login: String, name: String, role: Role, repID: String?, password: String) async throws {
        _ = try await ledger.createUser(
            login: login, name: name, role: role, repID: repID, password: password, by: Principal(id: "command"))
    }

    public func list() async throws -> [Person] {
        try await ledger.users().map {
            Person(login: $0.login, role: $0.role.rawValue, repID: $0.repID, disabled: $0.isDisabled)
        }
    }

    public func disable(_ login: String) async throws {
        guard let user = try await ledger.user(login: login) else {
            throw Diagnostic("unknown_login", "nobody signs in as \(login)", remedy: "see `rapport user list`")
        }
        try await ledger.setDisabled(true, user: user, by: Principal(id: "command"))
    }

    /// Sign-ins for the demo: the rep with the most visits, an owner, and the people of the inbox. Made once; the text is
    /// kept beside the ledger, readable by its owner alone.
    public func demoSignIns() async throws -> String {
        let file = workspace.stateDirectory.appending(path: "demo-sign-in.txt")
        if let data = FileManager.default.contents(atPath: file.path) { return String(decoding: data, as: UTF8.self) }
        guard let run = try await ledger.latestRun() else {
            throw Diagnostic("no_plan", "nothing has been published yet", remedy: "run `rapport run` first")
        }
        let plan = try await ledger.decisions(ofRun: run.record.runID, includingNoTouch: false)
        var counts: [String: Int] = [:]
        for row in plan {
            // A rep who visits has more to show than one who sits at the telephone.
            if let sender = row.decision.sender, sender != "system" {
                counts[sender, default: 0] += row.decision.channel == .inPerson ? 1_000 : 1
            }
        }
        var text = ""
        func make(_ login: String, _ name: String, _ role: Role, _ rep: String?) async throws {
            let password = ledger.newID().prefix(16)
            try await add(login: login, name: name, role: role, repID: rep, password: String(password))
            text += "sign in as \(login), password \(password)\n"
        }
        if let rep = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key {
            try await make("rep", "Demo rep \(rep)", .rep, rep)
        }
        try await make("owner", "Demo owner", .owner, nil)
        // The people of the inbox: who answers what, and who must hear of harm.
        try await make("medical", "Demo medical information", .medical, nil)
        try await make("sales", "Demo inside sales", .insideSales, nil)
        try await make("service", "Demo call centre", .service, nil)
        try await make("safety", "Demo safety officer", .safety, nil)
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else {
            throw Diagnostic("state_not_writable", "cannot write \(file.path)", remedy: "check the folder's owner")
        }
        return text
    }
}

extension Workspace {
    /// Opens (and on first use makes) the ledger of the workspace.
    package func openLedger(now: @escaping @Sendable () -> Int64) throws -> Ledger {
        do {
            try FileManager.default.createDirectory(at: stateDirectory, withIntermediateDirectories: true)
        } catch {
            throw Diagnostic(
                "state_not_writable", "cannot make \(stateDirectory.path)", remedy: "check the folder's owner")
        }
        return try Ledger.open(path: ledgerPath.path, now: now)
    }
}
