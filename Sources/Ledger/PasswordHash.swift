import Crypto
import CryptoExtras
import Foundation

/// Passwords as scrypt hashes: `scrypt$N$r$p$salt$hash`, salt and hash in base64. The parameters stand in the text, so
/// that new hashes can cost more while old ones still verify.
///
/// Source: Percival and Josefsson, RFC 7914 (2016).
package enum PasswordHash {
    /// CPU and memory cost: N = `rounds`, r = `blockSize`, p = `parallelism`; memory is 128 · N · r bytes.
    package struct Cost: Sendable, Hashable {
        package var rounds: Int
        package var blockSize: Int
        package var parallelism: Int

        /// 32 MiB and about a tenth of a second.
        package static let standard = Cost(rounds: 1 << 15, blockSize: 8, parallelism: 1)

        package init(rounds: Int, blockSize: Int, parallelism: Int) {
            self.rounds = rounds
            self.blockSize = blockSize
            self.parallelism = parallelism
        }

        /// Bounds against a tampered hash that would take all memory.
        var isReasonable: Bool {
            rounds >= 2 && rounds <= 1 << 20 && rounds & (rounds - 1) == 0 && (1...32).contains(blockSize)
                && (1...16).contains(parallelism)
        }
    }

    static let saltLength = 16
    private static let hashLength = 32

    static func make(_ password: String, cost: Cost, salt: [UInt8]) throws -> String {
        let hash = try derive(password, cost: cost, salt: salt)
        let numbers = "\(cost.rounds)$\(cost.blockSize)$\(cost.parallelism)"
        return "scrypt$\(numbers)$\(Data(salt).base64EncodedString())$\(Data(hash).base64EncodedString())"
    }

    /// Whether a password fits an encoded hash; takes the same time whatever the outcome.
    static func verify(_ password: String, _ encoded: String) throws -> Bool {
        guard let parts = Parts(encoded) else { return false }
        return isEqual(try derive(password, cost: parts.cost, salt: parts.salt), parts.hash)
    }

    /// Whether a hash should be made anew because the cost has grown (or cannot be read).
    static func isOutdated(_ encoded: String, cost: Cost) -> Bool { Parts(encoded)?.cost != cost }

    /// Compares without stopping at the first difference.
    static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func derive(_ password: String, cost: Cost, salt: [UInt8]) throws -> [UInt8] {
        // Keyboards spell the same accented letter in more than one way.
        let bytes = Array(password.precomposedStringWithCompatibilityMapping.utf8)
        let key = try KDF.Scrypt.deriveKey(
            from: bytes, salt: salt, outputByteCount: hashLength, rounds: cost.rounds, blockSize: cost.blockSize,
            parallelism: cost.parallelism)
        return key.withUnsafeBytes { Array($0) }
    }

    private struct Parts {
        var cost: Cost
        var salt: [UInt8]
        var hash: [UInt8]

        init?(_ encoded: String) {
            let fields = encoded.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 6, fields[0] == "scrypt", let rounds = Int(fields[1]), let blockSize = Int(fields[2]),
                let parallelism = Int(fields[3]), let salt = Data(base64Encoded: fields[4]),
                let hash = Data(base64Encoded: fields[5]), hash.count == hashLength
            else { return nil }
            cost = Cost(rounds: rounds, blockSize: blockSize, parallelism: parallelism)
            self.salt = Array(salt)
            self.hash = Array(hash)
            guard cost.isReasonable else { return nil }
        }
    }
}

/// A few threads of their own for work that burns a core for a tenth of a second: the cooperative pool stays free, and
/// a flood of sign-ins cannot take all memory.
final class PasswordWorkers: Sendable {
    private let queue = OperationQueue()

    init(limit: Int) {
        queue.name = "rapport.ledger.passwords"
        queue.maxConcurrentOperationCount = limit
    }

    func run<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result { try work() }) }
        }
    }
}
