import EngagementModel
import Ledger

@testable import Server

/// Reads by marks in the text, so that a test says what is read.
enum InquiryMarks {
    static let read: @Sendable (String, String) -> InquiryFinding = { subject, body in
        let text = subject + " " + body
        var finding = InquiryFinding(reader: "marks-1")
        for kind in InquiryKind.allCases where text.contains("[\(kind.rawValue)]") { finding.kind = kind }
        finding.isMedical = finding.kind.isMedical
        for kind in SafetyKind.allCases where text.contains("[\(kind.rawValue)]") {
            finding.safety.append(.init(kind: kind, isSerious: text.contains("[serious]")))
            finding.evidence = [kind.rawValue]
        }
        return finding
    }
}

extension Site {
    /// H1 and H2 belong to R1, H3 to R2, as in the snapshot.
    func align() async throws {
        try await ledger.registerRecipients(
            [("H1", "DE", "de"), ("H2", "DE", "de"), ("H3", "IT", "it")].map {
                Recipient(hcpID: $0.0, country: $0.1, zone: "Europe/Berlin", language: $0.2)
            })
        try await ledger.replaceAlignments(
            senders: [("R1", .field), ("R2", .field)],
            alignments: [("R1", "H1"), ("R1", "H2"), ("R2", "H3")].map {
                (repID: $0.0, hcpID: $0.1, first: Day("2020-01-01")!, last: nil)
            })
    }

    /// A message as the mailbox brings it.
    @discardableResult
    func ask(_ id: String, _ body: String, hcp: String? = "H1", subject: String = "", from: String? = nil)
        async throws -> InquiryReceipt
    {
        var draft = InquiryDraft(
            source: "mail", sourceID: id, channel: .email, receivedAt: clock.now, subject: subject, body: body)
        (draft.hcpID, draft.identifiedBy, draft.fromAddress) = (hcp, hcp == nil ? nil : .reply, from)
        return try await InquiryDesk(ledger: ledger, rules: InquiryRules(), reader: InquiryMarks.read).take(draft)
    }
}
