import Glibc
package import NIOCore

/// Addresses that a webhook may go to: those of the public internet.
///
/// Everything that leads back into the company's own network, to this machine or to a cloud's metadata is refused, in
/// every spelling that hides a version 4 address in a version 6 one.
/// Source: IANA special-purpose address registries (RFC 6890 and its updates).
package enum PublicAddress {
    package static func isPublic(_ address: SocketAddress) -> Bool {
        switch address {
        case .v4(let v4):
            let raw = v4.address.sin_addr.s_addr
            return isPublic(v4: withUnsafeBytes(of: raw) { Array($0) })
        case .v6(let v6):
            return isPublic(v6: withUnsafeBytes(of: v6.address.sin6_addr) { Array($0) })
        default: return false
        }
    }

    private static let closed4: [(network: [UInt8], bits: Int)] = [
        ([0, 0, 0, 0], 8), ([10, 0, 0, 0], 8), ([100, 64, 0, 0], 10), ([127, 0, 0, 0], 8), ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12), ([192, 0, 0, 0], 24), ([192, 0, 2, 0], 24), ([192, 31, 196, 0], 24),
        ([192, 52, 193, 0], 24), ([192, 88, 99, 0], 24), ([192, 168, 0, 0], 16), ([192, 175, 48, 0], 24),
        ([198, 18, 0, 0], 15), ([198, 51, 100, 0], 24), ([203, 0, 113, 0], 24), ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ]

    static func isPublic(v4 bytes: [UInt8]) -> Bool {
        bytes.count == 4 && !closed4.contains { starts(bytes, $0.network, $0.bits) }
    }

    static func isPublic(v6 bytes: [UInt8]) -> Bool {
        guard bytes.count == 16 else { return false }
        // Only 2000::/3 is given out; what lies outside is special, mapped or unassigned.
        guard bytes[0] & 0xE0 == 0x20 else {
            // NAT64 (64:ff9b::/96) leads to the version 4 address that it ends with.
            let nat64: [UInt8] = [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]
            return bytes.prefix(12).elementsEqual(nat64) && isPublic(v4: Array(bytes.suffix(4)))
        }
        // Teredo, ORCHID, benchmarks and others under 2001::/23; documentation 2001:db8::/32, 3fff::/20.
        if starts(bytes, [0x20, 0x01, 0, 0], 23) || starts(bytes, [0x20, 0x01, 0x0D, 0xB8], 32) { return false }
        if starts(bytes, [0x3F, 0xFF, 0, 0], 20) { return false }
        // 6to4 holds a version 4 address.
        if bytes[0] == 0x20, bytes[1] == 0x02 { return isPublic(v4: Array(bytes[2..<6])) }
        return true
    }

    private static func starts(_ bytes: [UInt8], _ network: [UInt8], _ bits: Int) -> Bool {
        for bit in 0..<bits where (bytes[bit / 8] ^ network[bit / 8]) & (0x80 >> UInt8(bit % 8)) != 0 { return false }
        return true
    }
}
