internal import Delivery
internal import EngagementModel
internal import Ledger
internal import Words

/// Asks by mail for the second yes of a double opt-in: one mail for each consent that waits, and never a second.
///
/// The mail goes the way of every message: a claim (campaign `consent.confirm`, step = the consent's id, so that the ledger
/// itself forbids another), the delivery room, a record. It is a service message and says nothing but its question. There
/// is no reminder: whoever does not answer has not agreed.
extension Engagement {
    /// A link holds for so long, and what was given longer ago is not asked about any more.
    static let confirmationDays: Int64 = 30

    /// Ways whose consents speak of an e-mail address.
    private static let channels: Set<Channel> = [.email, .emailRep, .webinar]

    /// Claims the mails that are due.
    func askForConfirmations(_ book: EngageBook, _ report: inout EngagementReport) async throws {
        guard asksByMail else { return }
        let oldest = now() - Self.confirmationDays * 86_400_000_000
        var requests: [ClaimRequest] = []
        for consent in try await ledger.pendingConsents()
        where Self.channels.contains(consent.channel) && consent.capturedAt > oldest
            && !asked.contains(consent.consentID)
        {
            guard let address = confirmationAddress(consent, book), try await isStillOpen(consent) else { continue }
            requests.append(
                ClaimRequest(
                    key: ClaimKey(campaign: ClaimKey.confirmations, step: consent.consentID), hcpID: consent.hcpID,
                    channel: .email, address: address, purpose: .service))
        }
        for start in stride(from: 0, to: requests.count, by: 1000) {
            let part = Array(requests[start..<min(start + 1000, requests.count)])
            for (request, outcome) in zip(part, try await claims.claim(part)) {
                switch outcome {
                case .claimed:
                    report.confirmations += 1
                    asked.insert(request.key.step)
                case .existing: asked.insert(request.key.step)
                // What was refused for good is not tried every second; a restart looks once more.
                case .refused(let reason, _): if !reason.isTemporary { asked.insert(request.key.step) }
                }
            }
        }
    }

    /// The mail of a claim; nil once there is nothing to ask any more.
    func confirmation(_ claim: Claim, _ world: EngageWorld) async throws -> ComposedMessage? {
        guard let base = workspace.settings.delivery.baseURL,
            let (consent, state) = try await ledger.confirmation(ofConsent: claim.key.step), state == .waiting,
            consent.hcpID == claim.hcpID, let address = confirmationAddress(consent, world.book),
            try await isStillOpen(consent)
        else { return nil }
        let end = claim.claimedAt + Self.confirmationDays * 86_400_000_000
        let token = LinkToken(action: .confirm, subject: consent.consentID, expiresAt: end)
        let link = "\(base)/c/\(try token.signed(with: try await ledger.linkKey()))"
        let words = PublicWords.of(try await ledger.recipient(consent.hcpID)?.language)
        let message = AssembledMessage(
            contentID: ClaimKey.confirmations, contentVersion: "\(PublicWords.Confirm.version)-\(words.language)",
            language: words.language, subject: words.confirm.mailSubject,
            text: words.confirmMail(
                company: world.book.company, channel: consent.channel, purpose: consent.purpose, link: link,
                until: Day(number: Int32(clamping: end / 86_400_000_000)).description))
        return ComposedMessage(address: address, message: message)
    }

    private func confirmationAddress(_ consent: Consent, _ book: EngageBook) -> String? {
        consent.address ?? book.number(of: consent.hcpID).flatMap { book.address(of: $0, .email) }
    }

    /// Whether nobody has said no since, also about more than this consent speaks of.
    private func isStillOpen(_ consent: Consent) async throws -> Bool {
        try await !ledger.currentConsents(ofHCP: consent.hcpID).contains { row in
            row.channel == consent.channel && row.purpose == consent.purpose
                && (row.status == .optOut || row.status == .objection) && row.capturedAt >= consent.capturedAt
                && (row.address == nil || row.address == consent.address)
                && (row.productID == nil || row.productID == consent.productID)
        }
    }
}
