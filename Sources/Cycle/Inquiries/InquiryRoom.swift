internal import Content
package import EngagementModel
internal import Foundation
package import Insight
package import Ledger

/// Puts the inbox together: the rules of the workspace, who reads, and who an address belongs to.
package enum InquiryRoom {
    /// - Parameter engagement: knows the HCPs of the published snapshot; nil = addresses lead to nobody.
    /// - Throws: `text_model_damaged`, `text_model_labels`.
    package static func desk(
        _ workspace: Workspace, ledger: Ledger, engagement: Engagement?
    ) throws(Diagnostic) -> InquiryDesk {
        let reader = try TextModelFile.reader(workspace)
        var finds: (@Sendable (_ file: [UInt8]) async throws -> Bool)?
        if let command = workspace.settings.scan {
            let scanner = FileScanner(command: command)
            finds = { bytes in try await scanner.findsVirus(in: bytes) }
        }
        return InquiryDesk(
            ledger: ledger, rules: workspace.inquiries,
            reader: { subject, body in reading(subject, body, by: reader) },
            directory: { address in try? await engagement?.hcp(ofAddress: address) },
            finds: finds)
    }

    /// Rules that a person can check read every message, and the company's own classifier where one is installed; what
    /// they read is what routing decides on.
    package static func reading(
        _ subject: String, _ body: String, by reader: InquiryReader = InquiryReader()
    ) -> InquiryFinding {
        finding(reader.read(["\(subject)\n\(body)"])[0], reader: reader.version)
    }

    static func finding(_ reading: InquiryReading, reader: String) -> InquiryFinding {
        var finding = InquiryFinding(
            kind: InquiryKind(rawValue: reading.kind.rawValue) ?? .other, topic: reading.topic, need: reading.need,
            urgency: InquiryUrgency(rawValue: reading.urgency.rawValue) ?? .normal, isMedical: reading.medical,
            evidence: reading.evidence, reader: reader)
        finding.safety = reading.flags.compactMap { flag in
            SafetyKind(rawValue: flag.kind.rawValue).map { .init(kind: $0, isSerious: flag.serious) }
        }
        return finding
    }
}

extension Engagement: AnswerDesk {
    /// The one HCP of an e-mail address; nil where nobody or more than one has it.
    package func hcp(ofAddress address: String) async throws -> String? {
        guard let (world, _) = try await current() else { return nil }
        return world.book.hcp(ofEmail: address)
    }

    package func answers(to inquiry: Inquiry) async throws -> [ApprovedAnswer] {
        guard let hcpID = inquiry.hcpID, let (world, _) = try await current(),
            let hcp = world.book.number(of: hcpID), world.book.address(of: hcp, .email) != nil
        else { return [] }
        try await world.contents.refresh(world.book)
        // What is about another product answers nothing; what is about none may.
        let plans = world.contents.plans(for: Self.purposes(of: inquiry)).filter { plan in
            guard let asked = inquiry.productID, let product = plan.head.product else { return true }
            return product == asked
        }
        return plans.compactMap { plan in
            let made = world.contents.message(plan.head.id, .email, to: hcp, of: world.book, rep: nil, at: now())
            guard case .success(let message) = made else { return nil }
            return ApprovedAnswer(
                contentID: plan.head.id, title: plan.head.title, purpose: plan.purpose, subject: message.subject,
                text: message.text)
        }
    }

    package func send(_ contentID: String, to inquiry: Inquiry) async throws -> ClaimOutcome {
        guard let hcpID = inquiry.hcpID, let (world, _) = try await current(),
            let hcp = world.book.number(of: hcpID),
            let plan = world.contents.plans(for: Self.purposes(of: inquiry)).first(where: { $0.head.id == contentID })
        else { throw Diagnostic("unknown_content", "This content cannot answer this inquiry.") }
        return try await claims.claim(
            ClaimRequest(
                // The version counts what was said before: two answers are two messages, a repeated form is one.
                key: ClaimKey(campaign: InquiryReply.campaign, step: "\(inquiry.number):\(inquiry.version)"),
                hcpID: hcpID, channel: .email, address: world.book.address(of: hcp, .email), purpose: plan.purpose,
                productID: plan.head.product, contentID: contentID,
                contentVersion: world.version(
                    ofContent: contentID, channel: .email, hcpID: hcpID, sender: ClaimRequest.system)))
    }

    /// Medical answers medical; nobody else does, and medical says nothing promotional.
    private static func purposes(of inquiry: Inquiry) -> Set<Purpose> {
        inquiry.isMedical || inquiry.queue.isMedical ? [.medical] : [.service, .educational]
    }
}
