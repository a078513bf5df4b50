import EngagementModel
import Foundation
import Glibc

/// Files that are there whole or not at all, also after a power cut.
package enum AtomicFile {
    /// Writes beside the place, flushes, and moves there: readers see the old file or the new one.
    /// - Throws: `file_unwritable`.
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600) throws {
        let temporary = path + ".part"
        let descriptor = open(temporary, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw unwritable }
        let isWritten = bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress! + offset, buffer.count - offset)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                offset += count
            }
            return true
        }
        let isFlushed = isWritten && fsync(descriptor) == 0
        guard close(descriptor) == 0, isFlushed, rename(temporary, path) == 0 else {
            unlink(temporary)
            throw unwritable
        }
        flushFolder((path as NSString).deletingLastPathComponent)
    }

    package static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw unwritable }
    }

    /// The name in the folder must be durable too.
    static func flushFolder(_ path: String) {
        let descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    static let unwritable = Diagnostic(
        "file_unwritable", "A file of the outbox cannot be written.", remedy: "check the disk and its permissions")

    /// A name of letters, digits, dots, hyphens and underscores that begins with no dot.
    static func isSafeName(_ name: String) -> Bool {
        (1...120).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.utf8.allSatisfy { MailAddress.isLetterOrDigit($0) || "._-".utf8.contains($0) }
    }
}
