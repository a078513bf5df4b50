internal import EngagementModel

/// A logged decision made again from its record, part by part.
public struct ReplayReport: Sendable, Codable {
    public var decisionID: String
    public var runID: String
    /// `plan` or `live`.
    public var kind: String
    public var isExact: Bool
    public var parts: [Part]

    /// One thing that was computed again.
    public struct Part: Sendable, Codable, Hashable {
        public var name: Name
        /// How many values were compared.
        public var compared: Int
        /// The first value that differs, as logged and as computed again; nil = all are the same, bit for bit.
        public var difference: Difference?
    }

    public enum Name: String, Sendable, Codable, CaseIterable {
        /// Versions of model and strategy, and who decided.
        case versions
        /// Digest of the inputs of the chosen action's score.
        case features
        /// P(engaged) of every candidate.
        case response
        /// Expected effect and its interval of every candidate.
        case effect
        /// Value of every candidate, before prices.
        case value
        /// Shadow prices of the run, and what the choice pays.
        case price
        /// Channel, product, content, day, hour and sender.
        case choice
        case propensity
    }

    public struct Difference: Sendable, Codable, Hashable {
        public var what: String
        public var logged: String
        public var replayed: String
    }

    init(decisionID: String, runID: String, kind: String, parts: [Part]) {
        self.decisionID = decisionID
        self.runID = runID
        self.kind = kind
        self.parts = parts
        isExact = parts.allSatisfy { $0.difference == nil }
    }

    public func rendered() -> String {
        var text = "Decision \(decisionID) (\(kind)) of run \(runID)\n"
        for part in parts {
            text += "  \(part.name.rawValue.padding(to: 10))  "
            if let found = part.difference {
                text += "DIFFERS: \(found.what) was logged as \(found.logged), replayed as \(found.replayed)\n"
            } else {
                text += part.compared == 1 ? "same\n" : "same (\(part.compared) values)\n"
            }
        }
        return text + (isExact ? "Reproduced exactly.\n" : "Not reproduced.\n")
    }
}

/// Every decision of a run made again.
public struct RunReplayReport: Sendable, Codable {
    public var runID: String
    public var decisions: Int
    public var exact: Int
    /// Decisions that differ, by the first part that does.
    public var differing: [String: Int]
    /// Some of those that differ.
    public var examples: [ReplayReport]

    public var isExact: Bool { exact == decisions }

    public func rendered() -> String {
        var text = "Run \(runID): \(exact) of \(decisions) decisions reproduced exactly\n"
        for (part, count) in differing.sorted(by: { $0.key < $1.key }) { text += "  \(part): \(count) differ\n" }
        for example in examples { text += example.rendered() }
        return text
    }
}

/// Compares values bit for bit and keeps the first difference of each part.
struct ReplayCheck {
    private var compared: [ReplayReport.Name: Int] = [:]
    private var differences: [ReplayReport.Name: ReplayReport.Difference] = [:]

    mutating func same(
        _ part: ReplayReport.Name, _ what: @autoclosure () -> String, _ logged: Double, _ replayed: Double
    ) {
        note(part, logged.bitPattern == replayed.bitPattern, what(), "\(logged)", "\(replayed)")
    }

    mutating func same(_ part: ReplayReport.Name, _ what: @autoclosure () -> String, _ logged: Float, _ replayed: Float)
    {
        note(part, logged.bitPattern == replayed.bitPattern, what(), "\(logged)", "\(replayed)")
    }

    mutating func same(
        _ part: ReplayReport.Name, _ what: @autoclosure () -> String, _ logged: String?, _ replayed: String?
    ) {
        note(part, logged == replayed, what(), logged ?? "–", replayed ?? "–")
    }

    private mutating func note(
        _ part: ReplayReport.Name, _ isSame: Bool, _ what: @autoclosure () -> String,
        _ logged: @autoclosure () -> String, _ replayed: @autoclosure () -> String
    ) {
        compared[part, default: 0] += 1
        if !isSame, differences[part] == nil {
            differences[part] = ReplayReport.Difference(what: what(), logged: logged(), replayed: replayed())
        }
    }

    /// The parts in the order of `Name`, those that compared nothing left out.
    var parts: [ReplayReport.Part] {
        ReplayReport.Name.allCases.compactMap { name in
            compared[name].map { ReplayReport.Part(name: name, compared: $0, difference: differences[name]) }
        }
    }
}

extension String {
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
