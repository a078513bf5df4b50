import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Receives bodies, and holds all of them together under one limit: many slow or large senders cannot fill the memory.
final class BodyReader: Sendable {
    private let receivingBytes: Int
    private let held = Atomic<Int>(0)

    /// - Parameter receivingBytes: of all bodies together.
    init(receivingBytes: Int) { self.receivingBytes = receivingBytes }

    /// The body, unpacked.
    ///
    /// - Throws: `Problem` 400, 413, 415; 429 when too much is being received already.
    func read(_ request: Request, _ limits: EventLimits) async throws -> [UInt8] {
        let tooLarge = Problem(
            .contentTooLarge, "too_large", "A body has at most \(limits.bodyBytes) bytes, unpacked.")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytes {
            throw tooLarge
        }
        let encoding = request.headers[.contentEncoding]?.lowercased() ?? "identity"
        guard ["identity", "gzip", "x-gzip"].contains(encoding) else {
            throw Problem(.unsupportedMediaType, "unknown_encoding", "A body is plain or gzip.")
        }
        var mine = 0
        defer { held.subtract(mine, ordering: .relaxed) }
        var bytes: [UInt8] = []
        for try await part in request.body {
            let count = part.readableBytes
            mine += count
            let all = held.add(count, ordering: .relaxed).newValue
            guard mine <= limits.bodyBytes else { throw tooLarge }
            guard all <= receivingBytes else {
                throw Problem(
                    .tooManyRequests, "server_busy", "The server is receiving too much at once.", retryAfter: 1)
            }
            bytes += part.readableBytesView
        }
        guard encoding != "identity" else { return bytes }
        do throws(Gunzip.Fault) {
            return try Gunzip.unpack(bytes, limit: limits.bodyBytes)
        } catch {
            switch error {
            case .tooLarge: throw tooLarge
            case .malformed(let why): throw Problem(.badRequest, "malformed_gzip", "The body is no gzip: \(why).")
            }
        }
    }
}
