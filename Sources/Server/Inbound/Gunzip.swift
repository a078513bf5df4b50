/// Unpacks gzip bodies (RFC 1952, RFC 1951) up to a limit of unpacked bytes.
///
/// Stops at the first byte beyond the limit, so that a few bytes which stand for gigabytes cost no more than an honest
/// body of that size. Several members in a row are one body. Sizes and check sums must agree.
enum Gunzip {
    enum Fault: Error, Equatable {
        case tooLarge
        case malformed(String)
    }

    static func unpack(_ bytes: [UInt8], limit: Int) throws(Fault) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(min(limit, max(1024, bytes.count * 4)))
        var place = 0
        repeat {
            place = try header(bytes, place)
            let start = output.count
            var inflate = Inflate(bytes: bytes, place: place)
            try inflate.run(into: &output, limit: limit)
            place = inflate.place
            guard place + 8 <= bytes.count else { throw .malformed("the body ends too early") }
            func word(_ at: Int) -> UInt32 {
                (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
            }
            guard word(place) == CRC32.of(output, from: start) else { throw .malformed("the check sum is wrong") }
            guard word(place + 4) == UInt32(truncatingIfNeeded: output.count - start) else {
                throw .malformed("the size is wrong")
            }
            place += 8
        } while place < bytes.count
        return output
    }

    /// The first byte after the header of a member.
    private static func header(_ bytes: [UInt8], _ start: Int) throws(Fault) -> Int {
        guard start + 10 <= bytes.count, bytes[start] == 0x1F, bytes[start + 1] == 0x8B, bytes[start + 2] == 8 else {
            throw .malformed("the body is not gzip")
        }
        let flags = bytes[start + 3]
        guard flags & 0xE0 == 0 else { throw .malformed("the body is not gzip") }
        var place = start + 10
        if flags & 4 != 0 {
            guard place + 2 <= bytes.count else { throw .malformed("the body ends too early") }
            place += 2 + Int(bytes[place]) + Int(bytes[place + 1]) << 8
        }
        for flag in [UInt8(8), 16] where flags & flag != 0 {
            while place < bytes.count, bytes[place] != 0 { place += 1 }
            place += 1
        }
        if flags & 2 != 0 { place += 2 }
        guard place < bytes.count else { throw .malformed("the body ends too early") }
        return place
    }
}

/// The polynomial of IEEE 802.3, reflected.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    static func of(_ bytes: [UInt8], from start: Int = 0) -> UInt32 {
        let table = table
        var sum: UInt32 = 0xFFFF_FFFF
        for place in start..<bytes.count { sum = table[Int((sum ^ UInt32(bytes[place])) & 0xFF)] ^ sum >> 8 }
        return ~sum
    }
}
