package import EngagementModel

/// Takes inquiries in: reads them, decides who answers until when, and writes all of it down at once.
///
/// The one door for forms, programs and mail. What is decided is pure (`InquiryRules`), what is read is pure (`reader`);
/// the ledger's transaction holds the inquiry, its timeline, its flag for safety, its case, and the event that journeys
/// and live decisions hear.
package struct InquiryDesk: Sendable {
    package let ledger: Ledger
    package let rules: InquiryRules
    private let reader: @Sendable (_ subject: String, _ body: String) -> InquiryFinding
    private let directory: @Sendable (_ address: String) async -> String?
    private let finds: (@Sendable (_ file: [UInt8]) async throws -> Bool)?

    /// - Parameters:
    ///   - reader: reads a text; pure.
    ///   - directory: the one HCP of an e-mail address, where the master data names exactly one.
    ///   - finds: looks for a virus in a file; nil = nobody looks.
    package init(
        ledger: Ledger, rules: InquiryRules,
        reader: @escaping @Sendable (_ subject: String, _ body: String) -> InquiryFinding,
        directory: @escaping @Sendable (_ address: String) async -> String? = { _ in nil },
        finds: (@Sendable (_ file: [UInt8]) async throws -> Bool)? = nil
    ) {
        self.ledger = ledger
        self.rules = rules
        self.reader = reader
        self.directory = directory
        self.finds = finds
    }

    /// What this desk reads in a text; changes nothing.
    package func read(_ subject: String, _ body: String) -> InquiryFinding { reader(subject, body) }

    /// Takes a message in; durable when it returns. The same source and id again is the same inquiry.
    ///
    /// A file with a virus is not kept; the words that came with it are, since they may tell of harm.
    ///
    /// - Throws: `inquiry_empty`, `inquiry_too_long`, `idempotency_mismatch` (the same id with other words), `scan_failed`.
    package func take(_ draft: InquiryDraft) async throws -> InquiryReceipt {
        var draft = draft
        draft.subject = Self.line(draft.subject)
        draft.fromName = draft.fromName.map(Self.line).flatMap { $0.isEmpty ? nil : $0 }
        draft.fromAddress = draft.fromAddress.map { Address.normalised($0, .email) }.flatMap { $0.isEmpty ? nil : $0 }
        draft.body = Self.text(draft.body)
        guard !draft.body.isEmpty || !draft.subject.isEmpty else {
            throw Diagnostic("inquiry_empty", "The message holds no words.")
        }
        guard draft.body.utf8.count <= 4 * InquiryDraft.longestBody, draft.body.count <= InquiryDraft.longestBody,
            draft.subject.count <= InquiryDraft.longestSubject
        else {
            throw Diagnostic(
                "inquiry_too_long", "A message has at most \(InquiryDraft.longestBody) characters here.",
                remedy: "send the first part, and the rest as a second message")
        }
        if draft.hcpID == nil, let address = draft.fromAddress, let hcp = await directory(address) {
            draft.hcpID = hcp
            draft.identifiedBy = .address
        }
        if let finds {
            for place in draft.files.indices where !draft.files[place].isCut {
                draft.files[place].isInfected = try await finds(draft.files[place].bytes)
            }
        }
        return try await ledger.takeInquiry(draft, reader(draft.subject, draft.body), rules)
    }

    /// One line: what would begin another header or another row is a space.
    private static func line(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            let isBreak = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
            if isBreak {
                if !line.isEmpty && line.last != " " { line.append(" ") }
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// Text without control characters; line ends as LF; no more than two empty lines together.
    private static func text(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var breaks = 0
        for scalar in text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").unicodeScalars {
            if scalar == "\n" {
                breaks += 1
                if breaks <= 3 { result.append(scalar) }
                continue
            }
            // Bidirectional overrides let a text look other than it is.
            let isHidden =
                (scalar.properties.generalCategory == .control && scalar != "\t")
                || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            if isHidden { continue }
            if !scalar.properties.isWhitespace { breaks = 0 }
            result.append(scalar)
        }
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        guard let first = result.firstIndex(where: { !isSpace($0) }),
            let last = result.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(result[first...last])
    }
}

/// An approved content that may answer an inquiry, as it would read.
package struct ApprovedAnswer: Sendable, Hashable {
    package var contentID: String
    package var title: String
    package var purpose: Purpose
    package var subject: String
    package var text: String

    package init(contentID: String, title: String, purpose: Purpose, subject: String, text: String) {
        self.contentID = contentID
        self.title = title
        self.purpose = purpose
        self.subject = subject
        self.text = text
    }
}

/// Answers that leave as messages of approved content, each through the contact claim.
package protocol AnswerDesk: Sendable {
    /// What may answer, for the HCP and in their language; none where nothing is approved or no address is known.
    func answers(to inquiry: Inquiry) async throws -> [ApprovedAnswer]

    /// Claims the message; delivery takes it from there. The same answer again is the same claim.
    func send(_ contentID: String, to inquiry: Inquiry) async throws -> ClaimOutcome
}
