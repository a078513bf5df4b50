package import EngagementModel

/// Which consent row decides a claim; the reading of `Decisioning.ConsentResolver`, with addresses, legal bases,
/// confirmation, and a guard against clocks that were set back.
///
/// - Of the rows about the same channel, purpose, product and address the latest captured holds, then the greater id. What is
///   loaded never replaces an objection; and a refusal that Rapport captured yields only to a row that was also
///   recorded after it, so that a wrong clock cannot put an older opt-in on top.
/// - A row covers a request when its channel and purpose are the request's, and its product and address are the
///   request's own or "whatever".
/// - An objection that covers it refuses, whatever else is on file. So does an opt-out, unless a later valid opt-in is
///   at least as specific in every part. Neither expires.
/// - Under `opt_in` a valid opt-in must cover it: not pending, not expired, on an accepted legal basis, and confirmed
///   where the market asks for double opt-in.
/// - Safety and service pass over opt-outs of other purposes and need no opt-in.
struct ConsentRules {
    struct Refused: Error, Equatable {
        let reason: ClaimRefusal
        /// Nobody said no: an opt-in is not there, or not good enough.
        var isOnlyMissing: Bool {
            [.noConsent, .consentExpired, .basisNotAccepted, .optInUnconfirmed].contains(reason)
        }
    }

    let terms: ClaimPolicy.MarketTerms
    let facts: [ConsentFact]
    /// A consent must hold then, microseconds since 1970.
    let at: Int64

    func basis(for request: ClaimRequest) -> Result<ClaimBasis, Refused> {
        guard let rule = terms.consent[request.channel], rule != .denied else {
            return .failure(Refused(reason: .channelNotAllowed))
        }
        let lenient = request.purpose.skipsPromotionalPolicy
        let rows = standing.filter { covers($0, request) }
        if rows.contains(where: { $0.status == .objection }) { return .failure(Refused(reason: .objection)) }
        let optIns = rows.filter { $0.status == .optIn }
        let valid = optIns.filter { $0.expiresAt.map { $0 > at } ?? true }
        for out in rows where out.status == .optOut && !valid.contains(where: { lifts($0, out) }) {
            return .failure(Refused(reason: .optedOut))
        }
        if lenient { return .success(.service(request.purpose, market: terms.code)) }
        guard rule == .optIn else { return .success(.rule(rule, market: terms.code)) }
        guard !valid.isEmpty else {
            return .failure(Refused(reason: optIns.isEmpty ? .noConsent : .consentExpired))
        }
        let accepted = valid.filter { row in
            guard let bases = terms.bases[request.purpose] else { return true }
            return row.basis.map(bases.contains) ?? false
        }
        guard !accepted.isEmpty else { return .failure(Refused(reason: .basisNotAccepted)) }
        let confirmed = accepted.filter { $0.isConfirmed || !terms.doubleOptIn.contains(request.channel) }
        guard let best = confirmed.max(by: { order($0) < order($1) }) else {
            return .failure(Refused(reason: .optInUnconfirmed))
        }
        return .success(.consent(best.number))
    }

    /// Of several opt-ins the one that holds longest is cited, then the later.
    private func order(_ row: ConsentFact) -> (Int64, Int64, Int64) {
        (row.expiresAt ?? .max, row.capturedAt, row.number)
    }

    private struct Subject: Hashable {
        let channel: Channel
        let purpose: Purpose
        let product: String?
        let address: String?
    }

    /// One row for each subject.
    private var standing: [ConsentFact] {
        var held: [Subject: ConsentFact] = [:]
        let ordered = facts.sorted {
            ($0.capturedAt, $0.consentID, $0.number) < ($1.capturedAt, $1.consentID, $1.number)
        }
        for row in ordered {
            let subject = Subject(
                channel: row.channel, purpose: row.purpose, product: row.productID, address: row.address)
            guard let earlier = held[subject], yields(earlier, to: row) == false else {
                held[subject] = row
                continue
            }
        }
        return Array(held.values)
    }

    private func yields(_ held: ConsentFact, to row: ConsentFact) -> Bool {
        if row.status == .objection { return true }
        if held.status == .objection && row.origin == .loaded { return false }
        let isRefusal = held.status == .objection || held.status == .optOut
        if isRefusal, held.origin == .rapport, row.status != .optOut, row.number < held.number { return false }
        return true
    }

    private func covers(_ row: ConsentFact, _ request: ClaimRequest) -> Bool {
        row.channel == request.channel && row.purpose == request.purpose
            && (row.productID == nil || row.productID == request.productID)
            && (row.address == nil || row.address == request.address.map { Address.normalised($0, request.channel) })
    }

    /// Whether an opt-in takes back an opt-out that it does not simply replace.
    private func lifts(_ row: ConsentFact, _ out: ConsentFact) -> Bool {
        row.capturedAt > out.capturedAt && (out.origin == .loaded || row.number > out.number)
            && (row.productID != nil || out.productID == nil) && (row.address != nil || out.address == nil)
    }
}

/// Spellings of the same address.
package enum Address {
    /// E-mail in lower case, numbers as digits with their plus sign, postal addresses as lower-case words.
    package static func normalised(_ text: String, _ channel: Channel) -> String {
        switch channel {
        case .phone, .sms, .messaging, .video:
            let digits = text.filter { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty else { return text.lowercased().filter { !$0.isWhitespace } }
            return text.contains("+") || text.hasPrefix("00") ? "+" + digits.drop(while: { $0 == "0" }) : digits
        case .mail:
            return text.lowercased().split(whereSeparator: { $0.isWhitespace || $0 == "," }).joined(separator: " ")
        default: return text.lowercased().filter { !$0.isWhitespace }
        }
    }
}
