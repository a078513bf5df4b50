package import EngagementModel

/// Why a message is not assembled; names the part that is in the way.
package struct AssemblyRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: String, ClosedList {
        case unknownContent = "unknown_content"
        case faultyLibrary = "faulty_library"
        case channel, audience, language, country
        case notApproved = "not_approved"
        case expired, superseded, withdrawn
        case restrictedWord = "restricted_word"
        case missingPart = "missing_part"
        case missingField = "missing_field"
        case badField = "bad_field"
    }
    package var reason: Reason
    /// The part, or the content's id where the message as a whole is refused.
    package var part: String
    package var detail: String?

    package init(_ reason: Reason, _ part: String, _ detail: String? = nil) {
        self.reason = reason
        self.part = part
        self.detail = detail
    }

    package var description: String { sentence }

    package var sentence: String {
        let tail = detail.map { " (\($0))" } ?? ""
        return switch reason {
        case .unknownContent: "There is no content \(part)."
        case .faultyLibrary: "The content files have mistakes\(tail): nothing is assembled until they are gone."
        case .channel: "\(part) is not made for this channel\(tail)."
        case .audience: "\(part) is not for this reader."
        case .language: "\(part) has no language for this reader\(tail)."
        case .country: "\(part) may not be used in this country\(tail)."
        case .notApproved: "\(part) is not approved for distribution\(tail)."
        case .expired: "\(part) has expired\(tail)."
        case .superseded: "\(part) was replaced by a newer version."
        case .withdrawn: "\(part) was withdrawn."
        case .restrictedWord: "\(part) holds a restricted word\(tail)."
        case .missingPart: "\(part) is missing in the library."
        case .missingField: "\(part) needs a value that is not known\(tail)."
        case .badField: "\(part) was given a value that may not stand there\(tail)."
        }
    }
}

/// Which versions are approved: what the ledger says, as a value.
package struct Standings: Sendable, Hashable {
    private var known: [PartVersion: PartStanding]

    package init(_ known: [PartVersion: PartStanding] = [:]) { self.known = known }

    /// A version that review has never seen is a draft; so is one with other words under the same version.
    package subscript(_ version: PartVersion) -> PartStanding {
        get { known[version] ?? PartStanding(.draft) }
        set { known[version] = newValue }
    }
}

/// May a message go out in a language, a country, on a day? Only if every part that it could show may.
package struct Clearance: Sendable {
    package let standings: Standings
    private let index: LibraryIndex

    /// - Parameter index: of the library; nil = it is worked out here.
    package init(library: Library, standings: Standings, index: LibraryIndex? = nil) {
        self.standings = standings
        self.index = index ?? LibraryIndex(library)
    }

    /// The first part in the way, in the order of use; nil = none.
    package func refusal(
        _ message: MessagePlan, _ language: String, country: String, on day: Day
    ) -> AssemblyRefusal? {
        for use in index.uses(of: PartKey(.message, message.head.id, language)) {
            if let refusal = refusal(use, country: country, on: day) { return refusal }
        }
        return nil
    }

    private func refusal(_ use: LibraryIndex.Use, country: String, on day: Day) -> AssemblyRefusal? {
        let name = use.name
        guard let record = use.record else { return AssemblyRefusal(.missingPart, name) }
        let standing = standings[record.version]
        switch standing.state {
        case .withdrawn: return AssemblyRefusal(.withdrawn, name)
        case .superseded: return AssemblyRefusal(.superseded, name)
        case .expired: return AssemblyRefusal(.expired, name)
        case .draft, .inReview, .approvedForProduction:
            return AssemblyRefusal(.notApproved, name, standing.state.rawValue.replacing("_", with: " "))
        case .approvedForDistribution: break
        }
        if let approved = standing.approvedOn, approved > day {
            return AssemblyRefusal(.notApproved, name, "only from \(approved) on")
        }
        let ends = [standing.expiresOn, record.expires].compactMap { $0 }.min()
        if let ends, ends < day { return AssemblyRefusal(.expired, name, "on \(ends)") }
        if !record.countries.isEmpty, !record.countries.contains(country) {
            return AssemblyRefusal(.country, name, country)
        }
        if let finding = use.restricted.first(where: { $0.applies(in: country) }) {
            return AssemblyRefusal(.restrictedWord, name, finding.word)
        }
        return nil
    }

    /// Countries in which every part of a message may be used; empty = everywhere, nil = nowhere. Countries that restrict
    /// one of its words are left out.
    package static func countries(of message: MessagePlan, _ language: String, in library: Library) -> Set<String>? {
        var result: Set<String> = []
        var restricted: Set<String> = []
        for key in library.uses(of: message, language) {
            guard let head = library.head(of: key) else { continue }
            guard let common = Library.common(result, head.countries) else { return nil }
            result = common
            for finding in library.restrictedWords(in: key) {
                if finding.countries.isEmpty { return nil }
                restricted.formUnion(finding.countries)
            }
        }
        guard !restricted.isEmpty else { return result }
        let left = (result.isEmpty ? library.review.countries : result).subtracting(restricted)
        return left.isEmpty ? nil : left
    }
}
