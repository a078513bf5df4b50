package import EngagementModel
package import Ledger

/// Two planned touches of one HCP that the contact policy does not let stand beside each other.
package struct PlanConflict: Sendable, Hashable {
    package enum Kind: String, Sendable { case tooClose, tooMany, twoTalks }
    package var kind: Kind
    package var hcpID: String
    /// The touch that breaks the rule, and the earlier one that it meets.
    package var touch: ScheduledTouch
    package var earlier: ScheduledTouch
    /// The rule in words.
    package var rule: String
}

/// Finds them: caps and gaps over rolling windows of days, the same content again, the rules by product, purpose and
/// sender of `contact.yaml`, and at most one talk a day.
///
/// The claim will refuse the later touch when its time comes; the calendar shows it before.
package struct PlanConflicts: Sendable {
    let caps: [Strategy.Cap]
    let gaps: [Strategy.Gap]
    /// Between two touches with the same content.
    let repeats: Strategy.Gap?
    /// As the claim holds them.
    let rules: [ClaimPolicy.ContactRule]

    package init(
        caps: [Strategy.Cap], gaps: [Strategy.Gap], repeats: Strategy.Gap? = nil,
        rules: [ClaimPolicy.ContactRule] = []
    ) {
        self.rules = rules
        self.caps = caps
        self.gaps = gaps
        self.repeats = repeats
    }

    /// - Parameter touches: of one HCP, in any order.
    /// - Returns: at most one conflict for each touch, the first rule that it breaks.
    package func find(_ touches: [ScheduledTouch]) -> [PlanConflict] {
        let counted = touches.filter { $0.purpose?.skipsPromotionalPolicy != true }.sorted {
            ($0.day, $0.hour ?? 24, $0.channel.code) < ($1.day, $1.hour ?? 24, $1.channel.code)
        }
        return counted.indices.compactMap { conflict(at: $0, counted) }
    }

    private func conflict(at position: Int, _ touches: [ScheduledTouch]) -> PlanConflict? {
        let touch = touches[position]
        func made(_ kind: PlanConflict.Kind, _ earlier: ScheduledTouch, _ rule: String) -> PlanConflict {
            PlanConflict(kind: kind, hcpID: touch.hcpID, touch: touch, earlier: earlier, rule: rule)
        }
        let before = touches[..<position]
        if touch.channel.isHuman, let talk = before.last(where: { $0.channel.isHuman && $0.day == touch.day }) {
            return made(.twoTalks, talk, "one talk a day")
        }
        for gap in gaps where gap.channels.contains(touch.channel) {
            if let near = before.last(where: { gap.channels.contains($0.channel) && touch.day - $0.day < gap.min.days })
            {
                return made(
                    .tooClose, near, "\(Format.plural(gap.min.days, "day")) between \(Self.words(gap.channels))")
            }
        }
        if let repeats, repeats.channels.contains(touch.channel), let content = touch.contentID,
            let near = before.last(where: {
                $0.contentID == content && repeats.channels.contains($0.channel)
                    && touch.day - $0.day < repeats.min.days
            })
        {
            return made(.tooClose, near, "\(Format.plural(repeats.min.days, "day")) before the same content again")
        }
        for cap in caps where cap.channels.contains(touch.channel) {
            let inside = before.filter { cap.channels.contains($0.channel) && touch.day - $0.day < cap.window.days }
            if let first = inside.first, inside.count >= cap.max {
                return made(
                    .tooMany, first,
                    "at most \(cap.max) in \(Format.plural(cap.window.days, "day")): \(Self.words(cap.channels))")
            }
        }
        let request = touch.request
        for rule in rules where rule.governs(request) {
            let near = before.filter { rule.counts($0.counted, for: request) && touch.day - $0.day < rule.days }
            switch rule.limit {
            case .gap:
                if let last = near.last { return made(.tooClose, last, rule.words) }
            case .cap(let max, _):
                // A rule that allows none is broken without another touch.
                if near.count >= max { return made(.tooMany, near.first ?? touch, rule.words) }
            }
        }
        return nil
    }

    private static func words(_ channels: Set<Channel>) -> String {
        if channels.count == Channel.allCases.count { return "any two touches" }
        if channels == Set(Channel.allCases.filter(\.isHuman)) { return "talks" }
        return Channel.allCases.filter(channels.contains).map { $0.title.lowercased() }.joined(separator: ", ")
    }
}

extension ScheduledTouch {
    /// What its claim will ask, as far as rules of contact look at it.
    fileprivate var request: ClaimRequest {
        ClaimRequest(
            key: ClaimKey(campaign: campaign ?? ClaimKey.decisions, step: ""), hcpID: hcpID, channel: channel,
            purpose: purpose ?? .promotional, productID: productID, contentID: contentID, sender: sender)
    }

    /// What it will count as once it was made.
    fileprivate var counted: CountedTouch {
        CountedTouch(
            day: day, at: 0, channel: channel, purpose: purpose, productID: productID, sender: sender,
            contentID: contentID)
    }
}
