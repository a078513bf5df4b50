import Delivery
import EngagementModel
import HTTPTypes
import Hummingbird
import NIOCore

/// Returned mail over HTTP: a mail server's pipe or a provider posts each message as it came.
struct InboundMailRoutes: Sendable {
    static let maxBody = MIMEPart.Limits.longestMail

    let mail: MailContext?
    let ring: KeyRing

    func add(to routes: Routes) {
        routes.keyed(.inboundMail, ring) { request, _, _ in
            guard let mail else {
                throw Problem(.serviceUnavailable, "no_delivery", "This server delivers no mail.", retryAfter: 300)
            }
            let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased()
            guard type == "message/rfc822" || type == "application/octet-stream" else {
                throw Problem(.unsupportedMediaType, "not_mail", "Send Content-Type: message/rfc822.")
            }
            let body: ByteBuffer
            do { body = try await request.body.collect(upTo: Self.maxBody) } catch is NIOTooManyBytesError {
                throw Problem(.contentTooLarge, "too_large", "A mail has at most \(Self.maxBody) bytes here.")
            }
            guard body.readableBytes > 0 else {
                throw Problem(.badRequest, "empty_mail", "The body holds no mail.")
            }
            let recipient = request.headers[.envelopeTo].map { String($0.prefix(320)) }
            let read = try await mail.returns.take(Array(body.readableBytesView), recipient: recipient)
            var json = JSONBytes(capacity: 64)
            json.object { json in
                json.set("kind", Self.word(read))
                json.set("matched", read.claim != nil)
            }
            return Response(
                status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: json.buffer))
        }
    }

    private static func word(_ mail: ReturnedMail) -> String {
        switch mail {
        case .bounce: "bounce"
        case .complaint: "complaint"
        case .autoReply: "auto_reply"
        case .unsubscribe: "unsubscribe"
        case .reply: "reply"
        case .unknown: "unknown"
        }
    }
}
