import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import NIOCore

/// Where events come in: the tracking API, its paths for browsers, CloudEvents; and what was set aside.
///
/// An answer of 200 means that every event which it does not list under `rejected` is on disk.
struct InboundRoutes: Sendable {
    let desk: EventDesk
    let ring: KeyRing
    let bodies: BodyReader
    let gate: SourceGate
    let now: @Sendable () -> Int64

    init(
        desk: EventDesk, ring: KeyRing, limits: EventLimits, sources: [String: EventLimits] = [:],
        now: @escaping @Sendable () -> Int64
    ) {
        self.desk = desk
        self.ring = ring
        self.now = now
        gate = SourceGate(limits: limits, sources: sources)
        bodies = BodyReader(receivingBytes: limits.receivingBytes)
    }

    private static let singles: [(Operation, EventKind)] = [
        (.trackIdentify, .identify), (.trackEvent, .track), (.trackPage, .page), (.trackScreen, .screen),
        (.trackGroup, .group), (.trackAlias, .alias),
    ]
    /// With the question that a browser asks before.
    private static let browsers: [(Operation, Operation, EventKind)] = [
        (.browserEvent, .browserEventCheck, .track), (.browserIdentify, .browserIdentifyCheck, .identify),
        (.browserPage, .browserPageCheck, .page), (.browserGroup, .browserGroupCheck, .group),
        (.browserAlias, .browserAliasCheck, .alias),
    ]

    func add(to routes: Routes) {
        routes.ingesting(.trackBatch) { request in
            try await take(request, from: .program) { reader, bytes throws(Problem) in try reader.batch(bytes) }
        }
        for (operation, kind) in Self.singles {
            routes.ingesting(operation) { request in
                try await take(request, from: .program) { reader, bytes throws(Problem) in
                    try reader.single(kind, bytes)
                }
            }
        }
        for (operation, check, kind) in Self.browsers {
            routes.ingesting(operation, decorate: Self.readableAnywhere) { request in
                try await take(request, from: .browser) { reader, bytes throws(Problem) in
                    try reader.single(kind, bytes)
                }
            }
            routes.open(check) { _, _ in
                var response = Response(status: .noContent)
                Self.readableAnywhere(&response)
                return response
            }
        }
        routes.ingesting(.cloudEvent) { request in
            let received = now()
            let key = try ring.admitWriter(request.headers)
            try desk.checkRoom()
            let mode = try CloudEventReader.mode(request.headers)
            let limits = gate.limits(of: key.name)
            let bytes = try await bodies.read(request, limits)
            let result = try CloudEventReader(limits: limits, received: received).read(bytes, request.headers, mode)
            return try await store(result, key, received, bytes.count)
        }
        routes.ingesting(.rejectedEvents) { request in
            let key = try ring.admitWriter(request.headers)
            let after = FormFields(request.uri.query ?? "")["after"].flatMap { Int64($0) } ?? 0
            return Self.list(try await desk.ledger.rejectedEvents(of: .key(key.name), after: after, limit: 100))
        }
    }

    /// Any page may report and read the answer: what opens the door is the key, never a cookie.
    private static func readableAnywhere(_ response: inout Response) {
        response.headers[.accessControlAllowOrigin] = "*"
        response.headers[.accessControlAllowMethods] = "POST, OPTIONS"
        response.headers[.accessControlAllowHeaders] = "Authorization, Content-Type"
        response.headers[.accessControlMaxAge] = "86400"
    }

    private enum Sender { case program, browser }

    private func take(
        _ request: Request, from sender: Sender,
        _ read: (TrackingReader, [UInt8]) throws(Problem) -> TrackingReader.Result
    ) async throws -> Response {
        let received = now()
        // The key is looked at before the body is; only a browser's may stand in the body.
        let isNamed = sender == .program || request.headers[.authorization] != nil
        let early = isNamed ? try ring.admitWriter(request.headers) : nil
        try desk.checkRoom()
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased() ?? "text/plain"
        guard type == "application/json" || type == "text/plain" else {
            throw Problem(.unsupportedMediaType, "not_json", "Send JSON as application/json or text/plain.")
        }
        let limits = gate.limits(of: early?.name)
        let bytes = try await bodies.read(request, limits)
        let ledger = desk.ledger
        let reader = TrackingReader(limits: limits, received: received) { ledger.newID() }
        let result = try read(reader, bytes)
        let key = try early ?? ring.admitWriter(text: result.writeKey)
        return try await store(result, key, received, bytes.count)
    }

    private func store(_ result: TrackingReader.Result, _ key: APIKey, _ received: Int64, _ bytes: Int) async throws
        -> Response
    {
        try gate.admit(key.name, events: result.events.count, bytes: bytes, now: received)
        let receipt = try await desk.append(
            EventBatch(
                source: .key(key.name), events: result.events, rejected: result.rejected, receivedAt: received,
                bytes: bytes))
        var json = JSONBytes(capacity: 128)
        json.object { json in
            json.set("success", true)
            json.set("stored", receipt.stored)
            json.set("duplicates", receipt.duplicates)
            json.list("rejected") { json in
                for event in result.rejected {
                    json.object { json in
                        json.set("index", event.index)
                        json.set("code", event.code)
                        json.set("message", event.message)
                    }
                }
            }
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: json.buffer))
    }

    private static func list(_ rejected: [(number: Int64, receivedAt: Int64, event: RejectedEvent)]) -> Response {
        var json = JSONBytes(capacity: 4096)
        json.object { json in
            json.list("rejected") { json in
                for (number, receivedAt, event) in rejected {
                    json.object { json in
                        json.set("number", Int(number))
                        json.set("received_at", Timestamp.text(receivedAt))
                        json.set("index", event.index)
                        json.set("code", event.code)
                        json.set("message", event.message)
                        json.set("event", event.payload)
                    }
                }
            }
        }
        var response = Response(
            status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: json.buffer))
        if rejected.count == 100, let last = rejected.last {
            response.headers[.link] = "<\(Operation.rejectedEvents.path)?after=\(last.number)>; rel=\"next\""
        }
        return response
    }
}

extension HTTPField.Name {
    static let link = HTTPField.Name("Link")!
}

extension Routes {
    typealias IngestHandler = @Sendable (Request) async throws -> Response

    /// A route for programs that report events; it looks at the key by itself, which may stand in the body.
    func ingesting(
        _ operation: Operation, decorate: @escaping @Sendable (inout Response) -> Void = { _ in },
        _ handler: @escaping IngestHandler
    ) {
        guard operation.access == .key(.writeEvents) else {
            preconditionFailure("\(operation) is not declared for keys that write events")
        }
        router.on(RouterPath(operation.path), method: operation.method) { request, context in
            var response = await Self.answering(context) { try await handler(request) }
            decorate(&response)
            return response
        }
    }
}
