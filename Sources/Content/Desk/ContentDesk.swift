package import EngagementModel
package import Foundation
package import Ledger
internal import Synchronization

/// The library with what review says about it: what pages show and what messages are assembled from.
package struct ContentBook: Sendable {
    package let library: Library
    package var standings: Standings
    package var diagnostics: [Diagnostic]
    private let index: LibraryIndex

    /// - Parameter index: of the library, whatever its contents of the sources; nil = it is worked out here.
    package init(
        library: Library, standings: Standings, diagnostics: [Diagnostic] = [], index: LibraryIndex? = nil
    ) {
        self.index = index ?? LibraryIndex(library)
        self.library = library
        self.standings = standings
        self.diagnostics = diagnostics
    }

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// A message of approved parts; nothing that is written here goes out while the files have mistakes.
    package func assemble(_ request: AssemblyRequest) -> Result<AssembledMessage, AssemblyRefusal> {
        if hasErrors, library.messages[request.contentID] != nil {
            let count = diagnostics.count { $0.severity == .error }
            return .failure(AssemblyRefusal(.faultyLibrary, request.contentID, "\(count) mistakes"))
        }
        return Assembly(library: library, standings: standings, index: index).assemble(request)
    }

    /// What review says about a message in a language as a whole: the state of its weakest part, the latest approval, the
    /// earliest end.
    package func standing(of message: MessagePlan, _ language: String) -> PartStanding {
        let records = library.uses(of: message, language).map { index.record(of: $0) }
        let all = records.map { $0.map { standings[$0.version] } ?? PartStanding(.draft) }
        let order: [MLRState] = [
            .approvedForDistribution, .approvedForProduction, .inReview, .draft, .expired, .superseded, .withdrawn,
        ]
        let weakest = all.map(\.state).max { order.firstIndex(of: $0) ?? 0 < order.firstIndex(of: $1) ?? 0 }
        let ends = all.map(\.expiresOn) + records.map { $0?.expires }
        return PartStanding(
            weakest ?? .draft, approvedOn: all.compactMap(\.approvedOn).max(), expiresOn: ends.compactMap { $0 }.min())
    }
}

/// Keeps the library of a workspace read, tells review what is in it, and hands out books.
///
/// Files are read again when one of them changes; the states of review are read for every book, so that a withdrawal is
/// seen by the next message.
package final class ContentDesk: Sendable {
    private struct Held {
        var mark = "unread"
        var reading = LibraryReading(library: Library(), diagnostics: [])
        var reused: [Diagnostic] = []
        var index = LibraryIndex(Library())
    }

    private let folder: URL
    private let ledger: Ledger
    private let held = Mutex(Held())

    /// - Parameter folder: the workspace's `content`; it need not exist.
    package init(folder: URL, ledger: Ledger) {
        self.folder = folder
        self.ledger = ledger
    }

    /// - Parameter sources: contents of the sources; those that are written here do not count.
    package func book(sources: [SourceContent] = []) async throws -> ContentBook {
        try await refresh()
        let current = held.withLock { $0 }
        var library = current.reading.library
        for source in sources where library.messages[source.contentID] == nil {
            library.sources[source.contentID] = source
        }
        return ContentBook(
            library: library, standings: Standings(try await ledger.partStandings()),
            diagnostics: current.reading.diagnostics + current.reused, index: current.index)
    }

    /// Reads the files if one changed, and registers what they hold.
    package func refresh() async throws {
        let mark = Self.mark(of: folder)
        if held.withLock({ $0.mark == mark }) { return }
        let reading = Library.read(at: folder)
        var reused: [Diagnostic] = []
        // A library with mistakes is no version of anything.
        if !reading.hasErrors {
            let library = reading.library
            reused = try await ledger.registerParts(library.reviewParts, messages: library.reviewMessages).map {
                version in
                let head = library.head(of: version.key)
                return Diagnostic(
                    "version_reused", "\(version.key): its words changed, and its version \(version.version) did not",
                    file: head?.file, line: head?.line, column: 1, remedy: "state a new version")
            }
        }
        let index = LibraryIndex(reading.library)
        held.withLock { $0 = Held(mark: mark, reading: reading, reused: reused, index: index) }
    }

    /// Names, sizes and times of the files: what tells that nothing changed.
    private static func mark(of folder: URL) -> String {
        let names = ((try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []).sorted()
        return names.map { name in
            let facts = try? FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path)
            let time = (facts?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            return "\(name) \(facts?[.size] as? Int ?? 0) \(time)"
        }.joined(separator: "\n")
    }
}

extension Library {
    /// Every part as review gets it.
    package var reviewParts: [ReviewPart] {
        keys.compactMap { record(of: $0) }.map {
            ReviewPart($0.version, title: $0.title, body: $0.body, expires: $0.expires)
        }
    }

    /// Every message as the send gate has to know it.
    package var reviewMessages: [ReviewMessage] {
        messages.keys.sorted().compactMap { messages[$0] }.flatMap { message in
            message.languages.compactMap { language -> ReviewMessage? in
                guard let own = record(of: PartKey(.message, message.head.id, language)) else { return nil }
                let uses = self.uses(of: message, language).dropFirst()
                let missing = uses.filter { record(of: $0) == nil }
                return ReviewMessage(
                    own.version, purpose: message.purpose, channels: message.channels,
                    countries: missing.isEmpty ? Clearance.countries(of: message, language, in: self) : nil,
                    stakeholders: message.audience.stakeholders, specialties: message.audience.specialties,
                    standsIn: review.standsIn(for: language), uses: uses.compactMap { record(of: $0)?.version })
            }
        }
    }
}
