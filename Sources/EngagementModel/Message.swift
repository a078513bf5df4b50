/// One approved part of a message, by version: a claim, a module or a template.
public struct MessagePart: Sendable, Hashable, Codable {
    public var id: String
    public var version: String

    public init(id: String, version: String) {
        self.id = id
        self.version = version
    }
}

/// A message as it is to be handed over: assembled from approved parts only, personalised, in one language.
///
/// What it was made of is part of it, so that the record can say years later which words an HCP has read.
public struct AssembledMessage: Sendable, Hashable {
    public var contentID: String
    public var contentVersion: String
    /// BCP 47.
    public var language: String
    public var subject: String
    /// Plain text, lines separated by LF; complete in itself.
    public var text: String
    /// A whole HTML body; nil for channels of text only. Links are absolute https addresses, not yet tracked.
    public var html: String?
    /// In the order of their appearance.
    public var parts: [MessagePart]

    public init(
        contentID: String, contentVersion: String, language: String, subject: String, text: String, html: String? = nil,
        parts: [MessagePart] = []
    ) {
        self.contentID = contentID
        self.contentVersion = contentVersion
        self.language = language
        self.subject = subject
        self.text = text
        self.html = html
        self.parts = parts
    }
}
