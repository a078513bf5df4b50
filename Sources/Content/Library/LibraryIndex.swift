package import EngagementModel

/// What a library says whoever reads: the record of each part, what each message uses, and its restricted words.
///
/// Worked out once for a library, as its versions never change; a message for a reader then takes no digest and no search.
package final class LibraryIndex: Sendable {
    /// A part that a message may show.
    struct Use: Sendable {
        let key: PartKey
        let name: String
        /// nil = the library lacks it.
        let record: PartRecord?
        let restricted: [RestrictedFinding]
    }
    private let records: [PartKey: PartRecord]
    /// By message and language, the message itself first.
    private let uses: [PartKey: [Use]]

    package init(_ library: Library) {
        var records: [PartKey: PartRecord] = [:]
        var restricted: [PartKey: [RestrictedFinding]] = [:]
        // Messages come last in the order of kinds: their records name the digests of all others.
        for key in library.keys {
            records[key] = library.record(of: key) { records[$0]?.version.digest }
            restricted[key] = library.restrictedWords(in: key)
        }
        var uses: [PartKey: [Use]] = [:]
        for message in library.messages.values {
            for language in message.languages {
                uses[PartKey(.message, message.head.id, language)] = library.uses(of: message, language).map { key in
                    Use(key: key, name: key.description, record: records[key], restricted: restricted[key] ?? [])
                }
            }
        }
        self.records = records
        self.uses = uses
    }

    package func record(of key: PartKey) -> PartRecord? { records[key] }

    func uses(of message: PartKey) -> [Use] { uses[message] ?? [] }
}
