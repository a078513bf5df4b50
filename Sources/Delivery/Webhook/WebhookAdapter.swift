package import EngagementModel
package import Ledger
import Statistics
import Synchronization

/// A receiver of webhooks: a provider of SMS, of messaging, of advertisements, of print.
package struct WebhookEndpoint: Sendable {
    package var name: String
    package var url: WebhookURL
    package var signature: WebhookSignature
    package var channels: Set<Channel>
    /// The receiver keeps to the standard and takes a repeated `webhook-id` for the same message; then a lost answer is no
    /// doubt, and the call is made again.
    package var deduplicates: Bool

    package init(
        name: String, url: WebhookURL, signature: WebhookSignature, channels: Set<Channel>, deduplicates: Bool = false
    ) {
        self.name = name
        self.url = url
        self.signature = signature
        self.channels = channels
        self.deduplicates = deduplicates
    }
}

/// Hands messages to a provider as signed webhooks (Standard Webhooks).
///
/// `webhook-id` is the message key: the same at every attempt. 2xx is sent; 410 disables the endpoint until a person enables
/// it, and its claims wait; 3xx, other 4xx, 5xx and no connection are tried again on schedule; an answer that was lost is
/// uncertain, unless the receiver is known to deduplicate.
package final class WebhookAdapter: ChannelAdapter {
    package var channels: Set<Channel> { endpoint.channels }
    private let endpoint: WebhookEndpoint
    private let client: WebhookClient
    private let ledger: Ledger
    private let now: @Sendable () -> Int64
    private let state: Mutex<State>

    private struct State {
        var random: SeededGenerator
        var isDisabled: Bool
    }

    /// Reads whether the endpoint is disabled.
    package init(
        _ endpoint: WebhookEndpoint, client: WebhookClient, ledger: Ledger, seed: UInt64,
        now: @escaping @Sendable () -> Int64
    ) async throws {
        self.endpoint = endpoint
        self.client = client
        self.ledger = ledger
        self.now = now
        state = Mutex(
            State(
                random: SeededGenerator(seed: seed),
                isDisabled: try await ledger.disabledEndpoints()[endpoint.name] != nil))
    }

    package func pause(before content: ComposedMessage) -> Int64? {
        state.withLock { $0.isDisabled } ? now() + 3_600_000_000 : nil
    }

    /// Looks again whether a person has enabled or disabled the endpoint.
    package func refresh() async throws {
        let isDisabled = try await ledger.disabledEndpoints()[endpoint.name] != nil
        state.withLock { $0.isDisabled = isDisabled }
    }

    package var way: String { "webhook \(endpoint.name)" }

    package func remove(_ member: AudienceMember) async -> Handover {
        let id = AudienceJSON.key(member)
        guard let body = try? AudienceJSON.removal(member) else { return Handover(.failed(code: "message_not_made")) }
        switch await post(id, body) {
        case .status(200..<300): return Handover(.sent)
        case .status(let code): return Handover(.deferred(code: "http_\(code)"))
        case .notSent(let code), .lost(let code): return Handover(.deferred(code: code))
        }
    }

    private func post(_ id: String, _ body: [UInt8]) async -> WebhookAnswer {
        let timestamp = now() / 1_000_000
        return await client.post(
            endpoint.url,
            headers: [
                ("webhook-id", id), ("webhook-timestamp", String(timestamp)),
                ("webhook-signature", endpoint.signature.header(id: id, timestamp: timestamp, body: body)),
            ], body: body)
    }

    package func deliver(_ parcel: Parcel) async -> Handover {
        if parcel.ticket.claim.channel == .ad, parcel.audienceDigest == nil {
            return Handover(.failed(code: "no_address"))
        }
        let id = parcel.ticket.messageKey.replacing(".", with: "_")
        let body: [UInt8]
        // The body is that of the claim, not of the attempt: a receiver that compares finds the same.
        do { body = try MessageJSON.bytes(parcel, at: parcel.ticket.claim.claimedAt) } catch {
            return Handover(.failed(code: "message_not_made"))
        }
        let answer = await post(id, body)
        let attempts = parcel.ticket.claim.attempts
        switch answer {
        case .status(200..<300): return Handover(.sent)
        case .status(410):
            state.withLock { $0.isDisabled = true }
            // If it cannot be noted now, the next 410 will be.
            try? await ledger.disableEndpoint(endpoint.name, code: "http_410")
            return Handover(.deferred(code: "endpoint_disabled", retryAt: now() + 3_600_000_000))
        case .status(let code): return later("http_\(code)", attempts)
        case .notSent(let code): return later(code, attempts)
        case .lost(let code):
            return endpoint.deduplicates ? later(code, attempts) : Handover(.uncertain(code: code))
        }
    }

    private func later(_ code: String, _ attempts: Int) -> Handover {
        let jitter = state.withLock { $0.random.uniform() }
        guard let delay = WebhookSchedule.delay(after: attempts, jitter: jitter) else {
            return Handover(.failed(code: "expired_\(code)"))
        }
        return Handover(.deferred(code: code, retryAt: now() + delay))
    }
}
