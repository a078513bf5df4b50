package import EngagementModel
package import Foundation

#if canImport(Glibc)
    internal import Glibc
#endif

/// Published warehouse snapshots, and the next one that a run is building.
///
/// ```
/// state/warehouse/run-000007.duckdb   published, never written again
/// state/warehouse/current             link to the newest; swapped by one rename
/// state/warehouse/next.duckdb         what a run is building (with its .wal)
/// state/warehouse/next.json           what the run has finished so far
/// ```
/// A run that dies leaves `next.*`; the following run goes on from there. Readers only ever open `current`.
package struct SnapshotStore: Sendable {
    package let directory: URL

    package init(directory: URL) { self.directory = directory }

    package var next: URL { directory.appending(path: "next.duckdb") }
    private var progressFile: URL { directory.appending(path: "next.json") }
    private var link: URL { directory.appending(path: "current") }

    /// The published snapshot's path, resolved from the link; nil before the first run.
    package var current: URL? {
        guard let name = try? FileManager.default.destinationOfSymbolicLink(atPath: link.path) else { return nil }
        let file = directory.appending(path: (name as NSString).lastPathComponent)
        return FileManager.default.fileExists(atPath: file.path) ? file : nil
    }

    /// Every published snapshot that is still kept, newest first.
    package var kept: [URL] { published().reversed().map { directory.appending(path: $0) } }

    /// What a run has finished, so that the next one can go on.
    package struct Progress: Codable, Sendable {
        /// Name of the snapshot that `next` was copied from; empty for none.
        package var base: String
        /// Identity of the run that finished `steps`: another run starts them again.
        package var runID: String
        package var steps: [String]
    }

    /// Opens the next snapshot for writing: what an interrupted run left, if it grew from the current one, else a copy of the current one.
    package func begin() throws -> Progress {
        let files = FileManager.default
        try wrap { try files.createDirectory(at: directory, withIntermediateDirectories: true) }
        let base = current?.lastPathComponent ?? ""
        if let data = files.contents(atPath: progressFile.path),
            let progress = try? JSONDecoder().decode(Progress.self, from: data), progress.base == base,
            files.fileExists(atPath: next.path)
        {
            return progress
        }
        try discard()
        if let current { try wrap { try files.copyItem(at: current, to: next) } }
        let progress = Progress(base: base, runID: "", steps: [])
        try save(progress)
        return progress
    }

    package func save(_ progress: Progress) throws {
        try wrap { try JSONEncoder().encode(progress).write(to: progressFile, options: .atomic) }
    }

    /// Throws the next snapshot away.
    package func discard() throws {
        // The progress file goes first: without it a left-over database is never taken for a resumable one.
        for url in [progressFile, next, URL(filePath: next.path + ".wal")]
        where FileManager.default.fileExists(atPath: url.path) {
            try wrap { try FileManager.default.removeItem(at: url) }
        }
    }

    /// Makes `next` the published snapshot and removes old ones beyond `keep`. The database must be closed.
    ///
    /// The rename of the link is the commit: a crash before it leaves the old snapshot published, a crash after it
    /// leaves the new one.
    package func publish(keep: Int) throws -> URL {
        let number = (published().last.map(number(of:)) ?? 0) + 1
        let digits = String(number)
        let name = "run-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits).duckdb"
        let target = directory.appending(path: name)
        try synchronise(next)
        try wrap { try FileManager.default.moveItem(at: next, to: target) }
        let temporary = directory.appending(path: "current.new")
        try? FileManager.default.removeItem(at: temporary)
        try wrap { try FileManager.default.createSymbolicLink(atPath: temporary.path, withDestinationPath: name) }
        guard rename(temporary.path, link.path) == 0 else { throw Self.failure(errno) }
        try? FileManager.default.removeItem(at: progressFile)
        for old in published().dropLast(max(1, keep)) where old != name {
            try? FileManager.default.removeItem(at: directory.appending(path: old))
        }
        return target
    }

    private func published() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
            .filter { $0.hasPrefix("run-") && $0.hasSuffix(".duckdb") }.sorted()
    }

    private func number(of name: String) -> Int { Int(name.dropFirst(4).dropLast(7)) ?? 0 }

    /// Bytes must be on disk before the link names them.
    private func synchronise(_ url: URL) throws {
        let descriptor = open(url.path, O_RDONLY)
        guard descriptor >= 0 else { throw Self.failure(errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.failure(errno) }
    }

    private func wrap<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as CocoaError {
            throw error.code == .fileWriteOutOfSpace ? Self.failure(ENOSPC) : Self.unwritable(directory, error)
        }
    }

    private static func unwritable(_ url: URL, _ error: CocoaError) -> Diagnostic {
        Diagnostic(
            "state_not_writable", "cannot write \(url.path) (\(error.code.rawValue))",
            remedy: "check the folder's owner and the free space, then run again")
    }

    private static func failure(_ code: Int32) -> Diagnostic {
        code == ENOSPC
            ? Diagnostic(
                "disk_full", "the disk is full; the last published snapshot is untouched",
                remedy: "free some space and run again: the run goes on where it stopped")
            : Diagnostic(
                "state_not_writable", "the snapshot could not be published: \(String(cString: strerror(code)))",
                remedy: "check the state folder and run again")
    }
}

/// Holds `state/run.lock` while a run writes, so that two runs never build one snapshot together; or another file of
/// `state/` for something else that only one process may do.
///
/// The lock is the kernel's (`flock`): it goes with the process, however that ends.
package final class RunLock: Sendable {
    private let descriptor: Int32

    package init(
        directory: URL, file: String = "run.lock",
        refusal: Diagnostic = Diagnostic(
            "run_in_progress", "another run is writing this workspace", remedy: "wait until it has ended")
    ) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let path = directory.appending(path: file).path
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Diagnostic("state_not_writable", "cannot open \(path)", remedy: "check the folder's owner")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw refusal
        }
    }

    deinit { close(descriptor) }
}
