/// Something that an HCP did, as it arrived: a page read, a link clicked, a question asked, a bounce.
public struct EngagementEvent: Sendable, Hashable, Codable {
    /// Who reported it: the name of an ingestion key, `delivery`, `portal`.
    public var source: String
    /// De-duplicates within its source for as long as events are kept.
    public var messageID: String
    /// Whom it concerns, where that is known.
    public var hcpID: String?
    /// `email_opened`, `page_viewed`, `Webinar Registered`: the field's or the client's own word.
    public var name: String
    /// When it happened, microseconds since 1970 (UTC), corrected for the client's clock.
    public var occurredAt: Int64
    /// When it was received, by our clock.
    public var receivedAt: Int64
    /// Flat attributes (`content_id`, `channel`, `topic`, `machine`), without personal data.
    public var attributes: [String: String]

    public init(
        source: String, messageID: String, hcpID: String?, name: String, occurredAt: Int64, receivedAt: Int64,
        attributes: [String: String] = [:]
    ) {
        self.source = source
        self.messageID = messageID
        self.hcpID = hcpID
        self.name = name
        self.occurredAt = occurredAt
        self.receivedAt = receivedAt
        self.attributes = attributes
    }
}
