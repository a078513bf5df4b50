package import EngagementModel

/// On what ground a touch may be sent.
package enum SendBasis: Sendable, Hashable {
    /// Row of `ConsentColumns`.
    case consent(row: Int)
    /// The rule of the market (or strategy) that allows the channel and purpose without a consent row.
    case rule(Strategy.ConsentRule)
}

/// The answer of the consent rows for one HCP, channel, purpose and product.
enum ConsentVerdict: Equatable {
    /// Allowed through `lastDay`.
    case allowed(row: Int, lastDay: Int32)
    case byRule
    case refused(Refusal)
}

/// What one action asks of the consent rows; actions that ask the same share the answer.
struct ConsentQuestion: Hashable {
    let channel: UInt8
    let purpose: UInt8
    let product: Int32
}

/// Which consent row decides.
///
/// - A row covers a question when its channel, purpose and product are the question's own or "any".
/// - An objection that covers it refuses, whatever else is on file.
/// - An opt-out that covers it refuses, unless a later valid opt-in is at least as specific in every part: someone who
///   left e-mail is not brought back by a general form, but is by a new e-mail opt-in. Opt-outs do not expire.
/// - Under `opt_in` a valid opt-in must cover it; a pending one is none; an expired one must be renewed.
/// - Safety and service pass over opt-outs that do not name their purpose, and need no opt-in.
struct ConsentResolver {
    let columns: ConsentColumns
    /// End of the as-of day; rows captured later are not known.
    let knownUntil: Int64
    /// A consent must hold on the first planning day.
    let firstDay: Int32

    func resolve(_ rows: Range<Int>, _ question: ConsentQuestion, _ rule: Strategy.ConsentRule) -> ConsentVerdict {
        let lenient = question.purpose == Self.service || question.purpose == Self.safety
        var optIn = -1
        var expired = false
        var optedOut = false
        for row in rows where covers(row, question) {
            switch columns.status[row] {
            case Self.objection: return .refused(.objection)
            case Self.optOut:
                if lenient && columns.purpose[row] != question.purpose { continue }
                if !rows.contains(where: { lifts($0, row, question) }) { optedOut = true }
            case Self.optIn where columns.expires[row] >= firstDay:
                if optIn < 0 || isBetter(row, optIn) { optIn = row }
            case Self.optIn: expired = true
            default: break  // pending is not consent
            }
        }
        if optedOut { return .refused(.optedOut) }
        if optIn >= 0, rule == .optIn, !lenient { return .allowed(row: optIn, lastDay: columns.expires[optIn]) }
        if rule == .notOptedOut || lenient { return .byRule }
        return .refused(expired ? .consentExpired : .noConsent)
    }

    private static let service = Purpose.service.code
    private static let safety = Purpose.safety.code
    private static let objection = ConsentStatus.objection.code
    private static let optOut = ConsentStatus.optOut.code
    private static let optIn = ConsentStatus.optIn.code

    @inline(__always) private func covers(_ row: Int, _ q: ConsentQuestion) -> Bool {
        let channel = columns.channel[row]
        let purpose = columns.purpose[row]
        let product = columns.product[row]
        return (channel == q.channel || channel == ConsentColumns.any)
            && (purpose == q.purpose || purpose == ConsentColumns.any)
            && (product == q.product || product < 0) && columns.captured[row] <= knownUntil
    }

    /// Whether opt-in `row` takes back opt-out `out`.
    private func lifts(_ row: Int, _ out: Int, _ q: ConsentQuestion) -> Bool {
        columns.status[row] == Self.optIn && columns.expires[row] >= firstDay
            && columns.captured[row] > columns.captured[out] && covers(row, q)
            && (columns.channel[row] != ConsentColumns.any || columns.channel[out] == ConsentColumns.any)
            && (columns.purpose[row] != ConsentColumns.any || columns.purpose[out] == ConsentColumns.any)
            && (columns.product[row] >= 0 || columns.product[out] < 0)
    }

    /// Of two opt-ins the one that holds longer is cited, then the later, then the later row.
    private func isBetter(_ row: Int, _ other: Int) -> Bool {
        (columns.expires[row], columns.captured[row], row)
            > (columns.expires[other], columns.captured[other], other)
    }
}
