import Delivery
import EngagementModel
import HTTPTypes
import Hummingbird
import NIOCore

/// Callbacks of providers about messages that they took by webhook. The signature is all that is needed, and proves itself.
struct StatusRoutes: Sendable {
    static let maxBody = 65_536

    let mail: MailContext?

    func add(to routes: Routes) {
        routes.open(.deliveryStatus) { request, context in
            await Routes.answering(context) { try await take(request, context) }
        }
    }

    private func take(_ request: Request, _ context: PageContext) async throws -> Response {
        guard let desk = mail?.statuses else {
            throw Problem(.notFound, "unknown_endpoint", "There is no webhook of this name.")
        }
        let body: ByteBuffer
        do { body = try await request.body.collect(upTo: Self.maxBody) } catch is NIOTooManyBytesError {
            throw Problem(.contentTooLarge, "too_large", "A callback has at most \(Self.maxBody) bytes.")
        }
        func header(_ name: HTTPField.Name) -> String { request.headers[name] ?? "" }
        let name: String?
        do {
            name = try await desk.take(
                endpoint: FormFields.decode(context.parameters.get("endpoint") ?? ""), id: header(.webhookID),
                timestamp: header(.webhookTimestamp), signature: header(.webhookSignature),
                body: Array(body.readableBytesView))
        } catch let fault as StatusDesk.Fault {
            switch fault {
            // Who cannot sign learns nothing about which endpoints there are.
            case .unknownEndpoint, .badSignature:
                throw Problem(.unauthorized, "bad_signature", "The signature is missing, wrong or too old.")
            case .malformed:
                throw Problem(.badRequest, "malformed_callback", "Send JSON with type and data.message_key.")
            case .unknownMessage: throw Problem(.notFound, "unknown_message", "No message has this key.")
            }
        }
        var json = JSONBytes(capacity: 64)
        json.object { json in json.set("noted", name ?? "nothing") }
        return Response(
            status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: json.buffer))
    }
}

extension HTTPField.Name {
    static let webhookID = HTTPField.Name("webhook-id")!
    static let webhookTimestamp = HTTPField.Name("webhook-timestamp")!
    static let webhookSignature = HTTPField.Name("webhook-signature")!
}
