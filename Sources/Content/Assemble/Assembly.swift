package import EngagementModel

/// One message for one reader, asked for.
package struct AssemblyRequest: Sendable, Hashable {
    package var contentID: String
    package var channel: Channel
    package var reader: Reader
    /// The day on which it goes out, where the reader lives.
    package var day: Day
    package var fields: [Field: String]

    package init(contentID: String, channel: Channel, reader: Reader, day: Day, fields: [Field: String]) {
        self.contentID = contentID
        self.channel = channel
        self.reader = reader
        self.day = day
        self.fields = fields
    }
}

/// Makes messages out of approved parts: a pure function of library, standings and request.
///
/// A message is whole in one language. The reader's own is tried first, then those that `review.yaml` lets stand in for
/// it; in each, every part must be approved, unexpired and allowed in the reader's country, also those parts that only
/// other readers see. The version is that of the message's record, which names the digest of every part; read in a
/// language that stands in for the reader's own it is followed by `~` and that language, as the send gate knows it.
package struct Assembly: Sendable {
    private let library: Library
    private let index: LibraryIndex
    private let clearance: Clearance

    /// - Parameter index: of this library; nil = it is worked out here.
    package init(library: Library, standings: Standings, index: LibraryIndex? = nil) {
        self.library = library
        self.index = index ?? LibraryIndex(library)
        clearance = Clearance(library: library, standings: standings, index: self.index)
    }

    package func assemble(_ request: AssemblyRequest) -> Result<AssembledMessage, AssemblyRefusal> {
        do throws(AssemblyRefusal) {
            guard let message = library.messages[request.contentID] else {
                guard let source = library.sources[request.contentID] else {
                    throw AssemblyRefusal(.unknownContent, request.contentID)
                }
                return .success(try plain(source, request))
            }
            return .success(try assembled(message, request))
        } catch {
            return .failure(error)
        }
    }

    private func assembled(
        _ message: MessagePlan, _ request: AssemblyRequest
    ) throws(AssemblyRefusal) -> AssembledMessage {
        let (id, reader) = (message.head.id, request.reader)
        guard message.channels.contains(request.channel) else {
            throw AssemblyRefusal(.channel, id, request.channel.rawValue)
        }
        guard message.audience.includes(reader) else { throw AssemblyRefusal(.audience, id) }
        var first: AssemblyRefusal?
        for language in library.review.chain(reader.language) where message.subjects[language] != nil {
            let refusal = clearance.refusal(message, language, country: reader.country, on: request.day)
            guard let refusal else { return try compose(message, language, request) }
            first = first ?? refusal
        }
        throw first ?? AssemblyRefusal(.language, id, reader.language)
    }

    private func compose(
        _ message: MessagePlan, _ language: String, _ request: AssemblyRequest
    ) throws(AssemblyRefusal) -> AssembledMessage {
        var composer = Composer(library: library, index: index, language: language, request: request)
        let key = PartKey(.message, message.head.id, language)
        guard let record = index.record(of: key) else { throw AssemblyRefusal(.missingPart, key.description) }
        composer.note(key)
        let subject = try composer.line(
            narrowest(message.subjects[language] ?? [], \.audience, request.reader)?.text ?? Phrase(), in: key)
        let body = try composer.body(of: message)
        let isText = request.channel == .sms || request.channel == .messaging
        return AssembledMessage(
            contentID: message.head.id,
            contentVersion: record.version.version
                + (language == request.reader.language ? "" : "~\(request.reader.language)"),
            language: language, subject: isText ? "" : subject, text: PlainText.write(body),
            html: isText || message.template == nil ? nil : HTMLText.document(body, language: language),
            parts: composer.parts)
    }

    // MARK: - Contents that are not written here

    private func plain(
        _ source: SourceContent, _ request: AssemblyRequest
    ) throws(AssemblyRefusal) -> AssembledMessage {
        let id = source.contentID
        guard source.channels.isEmpty || source.channels.contains(request.channel) else {
            throw AssemblyRefusal(.channel, id, request.channel.rawValue)
        }
        let standing = source.standing
        switch standing.state {
        case .approvedForDistribution: break
        case .withdrawn: throw AssemblyRefusal(.withdrawn, id)
        case .superseded: throw AssemblyRefusal(.superseded, id)
        case .expired: throw AssemblyRefusal(.expired, id)
        default: throw AssemblyRefusal(.notApproved, id, standing.state.rawValue.replacing("_", with: " "))
        }
        if let approved = standing.approvedOn, approved > request.day {
            throw AssemblyRefusal(.notApproved, id, "only from \(approved) on")
        }
        if let ends = standing.expiresOn, ends < request.day { throw AssemblyRefusal(.expired, id, "on \(ends)") }
        guard source.countries.isEmpty || source.countries.contains(request.reader.country) else {
            throw AssemblyRefusal(.country, id, request.reader.country)
        }
        let language = source.language ?? request.reader.language
        guard language == request.reader.language else {
            throw AssemblyRefusal(.language, id, request.reader.language)
        }
        let paragraphs = source.body.split(separator: "\n\n").map { words in
            FilledNode.element("p", [], [.text(Escape.text(words))])
        }
        return AssembledMessage(
            contentID: id, contentVersion: source.version, language: language, subject: Escape.line(source.title),
            text: PlainText.write(paragraphs), html: nil,
            parts: [MessagePart(id: "content/\(id)", version: source.version)])
    }
}

/// Of what fits the reader, that with the most conditions; of equals, the first.
func narrowest<T>(_ all: [T], _ audience: KeyPath<T, Audience>, _ reader: Reader) -> T? {
    var best: T?
    for one in all where one[keyPath: audience].includes(reader) {
        if let held = best, held[keyPath: audience].narrowness >= one[keyPath: audience].narrowness { continue }
        best = one
    }
    return best
}
