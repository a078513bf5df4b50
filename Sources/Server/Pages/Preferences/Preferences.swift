package import EngagementModel
package import Ledger
import Words

/// What an HCP allows, as the preference centre shows it, and what a changed form means for the consent ledger.
///
/// Pure: from the consents that hold and the market's rules to switches, and from switches to new consents.
package struct Preferences: Sendable, Hashable {
    package struct Cell: Sendable, Hashable {
        package var channel: Channel
        package var purpose: Purpose
    }

    /// Ways and purposes that the market allows at all, in order.
    package var channels: [Channel]
    package var purposes: [Purpose]
    package var allowed: Set<Cell>
    /// An objection against every promotional contact.
    package var objects: Bool
    package var schedule: OwnSchedule

    /// - Parameters:
    ///   - consents: what holds now (`Ledger.currentConsents(ofHCP:)`).
    ///   - rules: the consent rules of the HCP's market.
    ///   - now: microseconds since 1970, UTC.
    package init(
        consents: [Consent], rules: [Channel: Strategy.ConsentRule], schedule: OwnSchedule?, purposes: [Purpose],
        now: Int64
    ) {
        channels = Channel.allCases.filter { rules[$0].map { $0 != .denied } ?? false }
        self.purposes = purposes
        self.schedule = schedule ?? OwnSchedule()
        var allowed: Set<Cell> = []
        for channel in channels {
            for purpose in purposes {
                let rows = consents.filter {
                    $0.channel == channel && $0.purpose == purpose && $0.productID == nil
                }
                let isClosed = rows.contains { $0.status == .optOut || $0.status == .objection }
                let isOpen = rows.contains { $0.status == .optIn && ($0.expiresAt.map { $0 > now } ?? true) }
                if !isClosed && (isOpen || rules[channel] == .notOptedOut) {
                    allowed.insert(Cell(channel: channel, purpose: purpose))
                }
            }
        }
        self.allowed = allowed
        let promotional = consents.filter { $0.purpose == .promotional }
        objects =
            !channels.isEmpty
            && channels.allSatisfy { way in promotional.contains { $0.channel == way && $0.status == .objection } }
    }

    /// The consents that a changed form adds: one for every switch that was turned, and for whatever closed it before.
    ///
    /// - Parameters:
    ///   - wanted: as the HCP wants it.
    ///   - stamp: makes the ids of one form unique.
    package func changes(
        to wanted: Preferences, consents: [Consent], hcpID: String, stamp: String, language: String, now: Int64
    ) -> [Consent] {
        var result: [Consent] = []
        func add(_ cell: Cell, _ status: ConsentStatus, address: String? = nil, product: String? = nil) {
            result.append(
                Consent(
                    consentID: "preferences:\(stamp):\(result.count)", hcpID: hcpID, channel: cell.channel,
                    address: address, purpose: cell.purpose, productID: product, status: status,
                    basis: status == .optIn ? .consent : nil,
                    textVersion: "\(PublicWords.Preferences.version)-\(language)", capturedAt: now,
                    evidence: "preference centre"))
        }
        for channel in channels {
            for purpose in purposes {
                let cell = Cell(channel: channel, purpose: purpose)
                if purpose == .promotional && wanted.objects {
                    if !objects { add(cell, .objection) }
                    continue
                }
                let (was, will) = (allowed.contains(cell), wanted.allowed.contains(cell))
                guard was != will || (purpose == .promotional && objects) else { continue }
                add(cell, will ? .optIn : .optOut)
                guard will else { continue }
                // A refusal about one address or product is more specific than a choice about the whole channel: it is
                // taken back by name.
                for row in consents
                where row.channel == channel && row.purpose == purpose && (row.address != nil || row.productID != nil)
                    && (row.status == .optOut || row.status == .objection)
                {
                    add(cell, .optIn, address: row.address, product: row.productID)
                }
            }
        }
        return result
    }
}
