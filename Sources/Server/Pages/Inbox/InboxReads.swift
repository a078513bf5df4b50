import EngagementModel
package import Ledger
import Warehouse

/// What the inbox pages need beside the ledger: names of HCPs, products and colleagues, and what the person may see.
struct InboxReads: Sendable {
    let context: ServerContext
    let store: SnapshotStore

    var ledger: Ledger { context.ledger }
    var now: Int64 { context.now() }
    var rules: InquiryRules { context.inquiries?.rules ?? InquiryRules() }

    /// What a person sees, with the accounts of their territory.
    func sight(_ identity: Identity) async throws -> InquirySight {
        try await Self.sight(identity, store.snapshot)
    }

    static func sight(_ identity: Identity, _ snapshot: Snapshot?) async throws -> InquirySight {
        var sight = InquirySight(identity, facts: snapshot?.facts)
        if let reps = sight.reps, !reps.isEmpty, let snapshot,
            let table = try await snapshot.rows("rep-accounts", [.text(reps.joined(separator: "\u{1F}"))])
        {
            sight.accounts = try table.texts("account_id")
        }
        return sight
    }

    /// Names of people who sign in, by `user:7`.
    func people() async throws -> [String: String] {
        Dictionary(
            try await ledger.users().map { ($0.principal.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    /// Labels of HCPs, as far as the person may open their pages.
    func labels(_ hcps: [String]) async throws -> [String: HCPLabel] {
        guard let snapshot = store.snapshot else { return [:] }
        return try await snapshot.cards(of: hcps.filter { !$0.hasPrefix("erased:") }).mapValues(\.label)
    }

    func product(_ id: String?) -> String? { id.map { store.snapshot?.facts.brand($0) ?? $0 } }

    /// Who did something, in words.
    func actor(_ id: String, _ people: [String: String]) -> String {
        if let name = people[id] { return name }
        return switch id {
        case "hcp": "HCP"
        case "system": "Rapport"
        default: id.hasPrefix("key:") ? "A program" : "A colleague"
        }
    }

    func entries(_ notes: [TimelineNote], _ people: [String: String]) -> [TimelineLine] {
        notes.map { note in
            TimelineLine(
                at: note.at, actor: actor(note.actor, people), kind: note.kind, text: note.text,
                facts: words(note, people), isMedical: note.isMedical, inquiry: note.inquiry)
        }
    }

    /// The facts of an entry, in words.
    private func words(_ note: TimelineNote, _ people: [String: String]) -> String {
        let facts = note.facts
        func queue(_ name: String) -> String { facts[name].flatMap(InquiryQueue.init(rawValue:))?.title ?? "" }
        switch note.kind {
        case .messageIn: return channel(facts["channel"])
        case .messageOut:
            return [channel(facts["channel"]), facts["content_id"].map { "approved content \($0)" }]
                .compactMap { $0 }.joined(separator: ", ")
        case .assigned: return facts["assignee"].map { "to \(actor($0, people))" } ?? "back to the queue"
        case .handedOver:
            let cleared = facts["medical"] == "no" ? "; not medical" : ""
            return "from \(queue("from")) to \(queue("to"))\(cleared)"
        case .state:
            if let priority = facts["priority"] { return "priority \(priority)" }
            return facts["state"].map { Format.label($0) } ?? ""
        case .safety:
            let kind = facts["kind"].flatMap(SafetyKind.init(rawValue:))?.title ?? ""
            return [kind, facts["serious"] == "yes" ? "serious" : nil, facts["state"]].compactMap { $0 }
                .joined(separator: ", ")
        case .partUsed: return facts["part"] ?? ""
        case .note: return facts["identified"] == "yes" ? "whom it concerns" : ""
        case .call, .visit: return ""
        }
    }

    private func channel(_ name: String?) -> String { name.flatMap(Channel.init(rawValue:))?.title ?? "" }
}

/// One entry of the shared timeline as a page shows it.
package struct TimelineLine: Sendable, Hashable {
    package var at: Int64
    package var actor: String
    package var kind: TimelineNote.Kind
    package var text: String
    package var facts: String
    package var isMedical: Bool
    package var inquiry: Int64?

    package init(
        at: Int64, actor: String, kind: TimelineNote.Kind, text: String, facts: String = "", isMedical: Bool = false,
        inquiry: Int64? = nil
    ) {
        self.at = at
        self.actor = actor
        self.kind = kind
        self.text = text
        self.facts = facts
        self.isMedical = isMedical
        self.inquiry = inquiry
    }

    var view: View {
        .with {
            $0.set("lineTime", Format.time(at))
            $0.set("lineActor", actor)
            $0.set("lineKind", title)
            $0.set("lineFacts", facts)
            $0.set("lineText", text)
            $0.set("lineMedical", isMedical)
            $0.set("lineStyle", kind == .messageIn ? "in" : kind == .messageOut ? "out" : "by")
        }
    }

    private var title: String {
        switch kind {
        case .messageIn: "Message received"
        case .messageOut: "Answer"
        case .call: "Call"
        case .visit: "Visit"
        case .partUsed: "Part used"
        case .note: "Note"
        case .state: "State"
        case .assigned: "Assigned"
        case .handedOver: "Handed over"
        case .safety: "Safety"
        }
    }
}
