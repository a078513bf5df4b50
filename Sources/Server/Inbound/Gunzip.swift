import CNative
import Glibc

/// Unpacks gzip bodies (RFC 1952) up to a limit of unpacked bytes, with zlib.
///
/// Stops at the byte that goes beyond the limit, so that a few bytes which stand for gigabytes cost no more than an honest
/// body of that size. A body is one member or several, one behind the other and nothing else; sizes and check sums must
/// agree.
enum Gunzip {
    enum Fault: Error, Equatable {
        case tooLarge
        case malformed(String)
    }

    /// Members of a body: programs that pack piece by piece make one for each.
    static let members = 1_000

    static func unpack(_ bytes: [UInt8], limit: Int) throws(Fault) -> [UInt8] {
        var unpacked: UnsafeMutablePointer<UInt8>?
        var size = 0
        let result = bytes.withUnsafeBufferPointer {
            rapport_gunzip($0.baseAddress, $0.count, limit, Int32(members), &unpacked, &size)
        }
        defer { free(unpacked) }
        switch Int(result) {
        case RAPPORT_GUNZIP_DONE: return Array(UnsafeBufferPointer(start: unpacked, count: size))
        case RAPPORT_GUNZIP_TOO_LARGE: throw .tooLarge
        case RAPPORT_GUNZIP_TRUNCATED: throw .malformed("the body ends too early")
        case RAPPORT_GUNZIP_MEMBERS: throw .malformed("the body has more than \(members) members")
        default:
            throw .malformed(
                bytes.starts(with: [0x1F, 0x8B]) ? "the packed data is damaged" : "the body is not gzip")
        }
    }
}
