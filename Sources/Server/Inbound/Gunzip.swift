import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPCompression

/// Unpacks gzip bodies (RFC 1952) up to a limit of unpacked bytes, with zlib by way of swift-nio-extras.
///
/// Stops at the piece that goes beyond the limit, so that a few bytes which stand for gigabytes cost no more than an honest
/// body of that size. A body is one member; sizes and check sums must agree.
enum Gunzip {
    enum Fault: Error, Equatable {
        case tooLarge
        case malformed(String)
    }

    /// Packed bytes that are unpacked at a time: a step makes at most twice as many, whatever they stand for.
    private static let step = 65_536

    static func unpack(_ bytes: [UInt8], limit: Int) throws(Fault) -> [UInt8] {
        // The library would take the bare form of zlib as well.
        guard bytes.starts(with: [0x1F, 0x8B]) else { throw .malformed("the body is not gzip") }
        // The library speaks as a handler of a channel; this one has no socket and lives for this body.
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish() }
        do {
            try channel.pipeline.syncOperations.addHandler(NIOHTTPRequestDecompressor(limit: .size(limit)))
            let headers: HTTPHeaders = ["content-encoding": "gzip"]
            try channel.writeInbound(
                HTTPServerRequestPart.head(
                    HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: headers)))
            var output: [UInt8] = []
            output.reserveCapacity(min(limit, max(1024, bytes.count * 4)))
            func take() throws {
                while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
                    if case .body(let unpacked) = part { output += unpacked.readableBytesView }
                }
            }
            for start in stride(from: 0, to: bytes.count, by: step) {
                let part = bytes[start..<min(start + step, bytes.count)]
                try channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(bytes: part)))
                try take()
            }
            try channel.writeInbound(HTTPServerRequestPart.end(nil))
            try take()
            return output
        } catch NIOHTTPDecompression.DecompressionError.limit {
            throw .tooLarge
        } catch let error as NIOHTTPDecompression.ExtraDecompressionError where error == .truncatedData {
            throw .malformed("the body ends too early")
        } catch { throw .malformed("the packed data is damaged") }
    }
}
