import EngagementModel

/// Which HCPs a person may see.
///
/// People of the field see the HCPs that their own territory (a manager: their team's territories) is in charge of;
/// everybody else's HCPs do not exist for them, and the answer is 404.
enum Scope: Sendable, Hashable {
    case everybody
    /// HCPs of these reps; empty = none.
    case reps(Set<String>)

    init(_ identity: Identity, facts: SnapshotFacts) {
        guard identity.role.isBoundToTerritory else {
            self = .everybody
            return
        }
        guard let own = identity.repID else {
            // A central desk answers whoever calls; anybody else without a territory sees nobody.
            self = identity.role.isDesk ? .everybody : .reps([])
            return
        }
        self = .reps(identity.role == .manager ? Set(facts.team(of: own).map(\.repID) + [own]) : [own])
    }

    func allows(anyOf reps: [String]) -> Bool {
        switch self {
        case .everybody: true
        case .reps(let own): reps.contains(where: own.contains)
        }
    }
}
