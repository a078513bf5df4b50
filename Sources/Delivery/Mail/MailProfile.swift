package import EngagementModel
package import Ledger

/// Who writes, in whose name, with which key: what a company sets once for all of its mail.
package struct MailProfile: Sendable {
    package var from: MailAddress
    package var fromName: String?
    /// Where answers go; nil = to `from`.
    package var replyTo: MailAddress?
    /// Domain of the return path and of the `Message-ID`.
    package var returnDomain: String
    /// The company's postal address, one line; commercial mail carries it.
    package var postalAddress: String
    /// Where the links of messages lead: `https://…`, without a slash at the end.
    package var baseURL: String
    /// One signature for each; none = unsigned, which only a sandbox should be.
    package var signers: [DKIMSigner]
    /// Whether opens and clicks are tracked.
    package var tracks: Bool

    /// - Throws: `bad_base_url` when the address is not https (RFC 8058 asks for it), `bad_address`.
    package init(
        from: MailAddress, fromName: String? = nil, replyTo: MailAddress? = nil, returnDomain: String,
        postalAddress: String, baseURL: String, signers: [DKIMSigner] = [], tracks: Bool = true
    ) throws {
        guard baseURL.hasPrefix("https://"), baseURL.utf8.count <= 200, !baseURL.hasSuffix("/"),
            baseURL.utf8.allSatisfy({ (33...126).contains($0) && !"<>\"'\\".utf8.contains($0) })
        else {
            throw Diagnostic(
                "bad_base_url", "Links in mail need an https address without a slash at its end.",
                remedy: "set delivery.base_url, such as https://engage.example.com")
        }
        self.from = from
        self.fromName = fromName
        self.replyTo = replyTo
        self.returnDomain = try MailAddress.ascii(returnDomain)
        self.postalAddress = postalAddress
        self.baseURL = baseURL
        self.signers = signers
        self.tracks = tracks
    }
}

/// What a composer makes of a claim: where it goes, and the approved words.
package struct ComposedMessage: Sendable, Hashable {
    /// E-mail address, telephone number or postal address; nil for channels without one. Must be the one that was claimed.
    package var address: String?
    package var message: AssembledMessage
    /// The rep in whose name it goes out; nil = the profile's.
    package var senderName: String?
    package var replyTo: String?
    /// A calendar invitation or its withdrawal.
    package var invitation: Invitation?
    /// Further columns of a file or members of a webhook, in this order (`segment`, `first_name`).
    package var fields: [Field]

    package struct Field: Sendable, Hashable {
        package var name: String
        package var value: String
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        address: String?, message: AssembledMessage, senderName: String? = nil, replyTo: String? = nil,
        invitation: Invitation? = nil, fields: [Field] = []
    ) {
        self.address = address
        self.message = message
        self.senderName = senderName
        self.replyTo = replyTo
        self.invitation = invitation
        self.fields = fields
    }
}

/// One message that may leave, with the ledger's ticket for it.
package struct Parcel: Sendable, Hashable {
    package let ticket: SendTicket
    package let content: ComposedMessage

    package init(ticket: SendTicket, content: ComposedMessage) {
        self.ticket = ticket
        self.content = content
    }
}

/// A mail as it goes over the wire: the envelope and the bytes, without dot-stuffing.
package struct WireMail: Sendable, Hashable {
    /// The signed return path; "" = the null path.
    package var returnPath: String
    package var recipient: MailAddress
    package var bytes: [UInt8]

    package init(returnPath: String, recipient: MailAddress, bytes: [UInt8]) {
        self.returnPath = returnPath
        self.recipient = recipient
        self.bytes = bytes
    }
}
