import EngagementModel
import Ledger

extension InquirySight {
    /// What a role sees and does: the firewall first (medical texts for medical eyes), then queue, then territory.
    init(_ identity: Identity, facts: SnapshotFacts?) {
        let (sees, acts) = Self.queues(of: identity.role)
        var reps: [String]?
        if identity.role.isBoundToTerritory {
            if let facts, case .reps(let own) = Scope(identity, facts: facts) {
                reps = own.sorted()
            } else if facts == nil {
                reps = identity.role.isDesk && identity.repID == nil ? nil : [identity.repID].compactMap { $0 }
            }
        }
        self.init(
            queues: sees, acts: acts, seesMedical: identity.role.seesMedicalContacts,
            seesFlagged: identity.role == .safety || identity.role == .compliance, reps: reps, user: identity.userID)
    }

    private static func queues(of role: Role) -> (sees: Set<InquiryQueue>, acts: Set<InquiryQueue>) {
        switch role {
        case .rep: ([.rep, .insideSales, .service], [.rep])
        case .manager: ([.rep, .insideSales, .service], [])
        case .msl, .medical: ([.medical], [.medical])
        case .insideSales: ([.insideSales, .rep], [.insideSales])
        case .service: ([.service], [.service])
        case .safety: ([.safety, .medical], [.safety])
        case .compliance: (Set(InquiryQueue.allCases), [])
        case .owner, .marketer, .analyst, .admin: ([], [])
        }
    }
}

extension InquiryQueue {
    /// The name that pages show.
    var title: String {
        switch self {
        case .medical: "Medical"
        case .insideSales: "Inside sales"
        case .service: "Service"
        case .safety: "Safety"
        case .rep: "Rep"
        }
    }
}

extension InquiryKind {
    var title: String {
        switch self {
        case .dosing: "Dosing"
        case .interaction: "Interactions"
        case .contraindication: "Contraindications and side effects"
        case .clinicalData: "Clinical data"
        case .labelling: "Labelling"
        case .price: "Price"
        case .order: "Order"
        case .coverage: "Coverage"
        case .training: "Training"
        case .technical: "Technical fault"
        case .delivery: "Delivery"
        case .contactWish: "Wish about contact"
        case .praise: "Praise"
        case .other: "Not recognised"
        }
    }
}

extension SafetyKind {
    var title: String {
        switch self {
        case .adverseEvent: "Adverse event"
        case .deviceComplaint: "Device complaint"
        case .specialSituation: "Special situation"
        }
    }
}

extension CaseState {
    var title: String { self == .inProgress ? "In progress" : Format.label(rawValue) }
}

extension Format {
    /// A deadline in words: `overdue by 3 h`, `in 45 min`, `in 2 days`.
    static func deadline(_ due: Int64, now: Int64) -> String {
        let minutes = Int((abs(due - now) / 60_000_000))
        let words: String =
            switch minutes {
            case 0: "less than a minute"
            case ..<60: "\(minutes) min"
            case ..<600 where minutes % 60 != 0: "\(minutes / 60) h \(minutes % 60) min"
            case ..<2_880: "\(minutes / 60) h"
            default: plural(minutes / 1_440, "day")
            }
        return due < now ? "overdue by \(words)" : "in \(words)"
    }
}
