internal import Decisioning
internal import EngagementModel

/// A touch that a policy wants.
struct LoopProposal: Sendable, Hashable {
    var hcp: Int
    /// Position in the week's days.
    var day: Int
    var offer: Int
    /// Position in `OfferCatalogue.variants`.
    var variant: Int
}

/// Why a proposal collided with what was already there.
struct LoopConflicts: Sendable, Hashable {
    var caps = 0
    var gaps = 0
    /// Two teams on one day.
    var sameDay = 0
    var total: Int { caps + gaps + sameDay }
}

/// The last word before a touch goes out: what would break a cap or a gap, or meet another touch on its day, is
/// counted as a conflict and does not happen. From the definitions alone, apart from the planner's own rules.
struct LoopLedger {
    private let strategy: Strategy
    private let days: [Day]
    private let starts: [Int]
    private let contacts: [LoopContact]
    private var accepted: [Int: [LoopContact]] = [:]
    private(set) var conflicts = LoopConflicts()

    init(_ strategy: Strategy, days: [Day], contacts: [LoopContact], hcps: Int) {
        self.strategy = strategy
        self.days = days
        self.contacts = contacts
        var starts = [Int](repeating: 0, count: hcps + 1)
        for contact in contacts { starts[Int(contact.hcp) + 1] += 1 }
        for i in 0..<hcps { starts[i + 1] += starts[i] }
        self.starts = starts
    }

    /// Serves proposals in the order of days, on each day in the order given.
    mutating func admit(_ proposals: [LoopProposal], channel: (Int) -> Channel) -> [LoopProposal] {
        let ordered = proposals.enumerated().sorted { ($0.element.day, $0.offset) < ($1.element.day, $1.offset) }
        return ordered.compactMap { _, proposal in
            let touch = LoopContact(
                hcp: Int32(proposal.hcp), day: days[proposal.day], channel: channel(proposal.offer))
            let known = contacts[starts[proposal.hcp]..<starts[proposal.hcp + 1]] + accepted[proposal.hcp, default: []]
            if known.contains(where: { $0.day == touch.day }) {
                conflicts.sameDay += 1
                return nil
            }
            if breaksGap(touch, known) {
                conflicts.gaps += 1
                return nil
            }
            if breaksCap(touch, known) {
                conflicts.caps += 1
                return nil
            }
            accepted[proposal.hcp, default: []].append(touch)
            return proposal
        }
    }

    private func breaksGap(_ touch: LoopContact, _ known: ArraySlice<LoopContact>) -> Bool {
        strategy.gaps.contains { gap in
            gap.channels.contains(touch.channel)
                && known.contains { gap.channels.contains($0.channel) && abs($0.day - touch.day) < gap.min.days }
        }
    }

    /// Touches come in the order of days, so the window that ends on the touch is the fullest.
    private func breaksCap(_ touch: LoopContact, _ known: ArraySlice<LoopContact>) -> Bool {
        strategy.caps.contains { cap in
            guard cap.channels.contains(touch.channel) else { return false }
            let inside = known.count {
                cap.channels.contains($0.channel) && touch.day - $0.day >= 0 && touch.day - $0.day < cap.window.days
            }
            return inside + 1 > cap.max
        }
    }
}
