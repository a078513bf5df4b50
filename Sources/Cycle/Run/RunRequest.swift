public import EngagementModel

/// One step of the cycle, in order.
public enum RunStep: String, CaseIterable, Sendable, Codable, Comparable {
    case load, resolve, learn, insight, decide, publish, measure

    private var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    public static func < (a: RunStep, b: RunStep) -> Bool { a.position < b.position }

    /// The steps that `--only` and `--from` ask for; all of them when neither is given.
    public static func selection(only: [RunStep], from: RunStep?) -> Set<RunStep> {
        let chosen = only.isEmpty ? Set(allCases) : Set(only)
        guard let from else { return chosen }
        return chosen.filter { $0 >= from }
    }
}

/// What a run is asked to do.
public struct RunRequest: Sendable {
    public var asOf: Day
    public var steps: Set<RunStep>
    /// Descriptive analytics and business rules, without models.
    public var rulesOnly: Bool
    /// Run even when nothing has changed.
    public var force: Bool

    public init(
        asOf: Day, steps: Set<RunStep> = Set(RunStep.allCases), rulesOnly: Bool = false, force: Bool = false
    ) {
        self.asOf = asOf
        self.steps = steps
        self.rulesOnly = rulesOnly
        self.force = force
    }
}
