internal import EngagementModel
internal import Foundation
internal import Synchronization

/// This process's claim on a database file.
///
/// DuckDB guards a file against other processes with a lock of the operating system, which does not work inside
/// one process: two instances on one file would destroy it. Readers may share a file; a writer has it alone.
final class FileLease: Sendable {
    private static let open = Mutex<[String: Int]>([:])
    private static let writing = -1

    private let path: String
    /// True until the claim is granted, because `deinit` also runs when the initialiser throws.
    private let ended = Mutex(true)

    init(path: String, readOnly: Bool) throws {
        let resolved = Self.resolve(path)
        self.path = resolved
        let granted = Self.open.withLock { open in
            let holders = open[resolved] ?? 0
            guard holders == 0 || (readOnly && holders > 0) else { return false }
            open[resolved] = readOnly ? holders + 1 : Self.writing
            return true
        }
        guard granted else {
            throw Diagnostic(
                WarehouseError.busy, "the warehouse is open in this process already", file: path,
                remedy: readOnly ? "close the writer first" : "share the open warehouse, or close it first")
        }
        ended.withLock { $0 = false }
    }

    /// One key for one file: symbolic links such as `current` followed, also where the file does not exist yet.
    private static func resolve(_ path: String) -> String {
        let url = URL(fileURLWithPath: path)
        if FileManager.default.fileExists(atPath: path), let real = realPath(path) { return real }
        if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path), target != path {
            return resolve(URL(fileURLWithPath: target, relativeTo: url.deletingLastPathComponent()).path)
        }
        let folder = url.deletingLastPathComponent().path
        return (realPath(folder) ?? folder) + "/" + url.lastPathComponent
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    deinit { end() }

    /// Idempotent.
    func end() {
        let first = ended.withLock { ended in
            defer { ended = true }
            return !ended
        }
        guard first else { return }
        Self.open.withLock { open in
            let holders = open[path] ?? 0
            open[path] = holders > 1 ? holders - 1 : nil
        }
    }
}
