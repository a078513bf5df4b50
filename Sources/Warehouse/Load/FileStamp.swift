import EngagementModel

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the file system says of a file, to tell without reading it that it is the one that was read before.
///
/// The change time cannot be set by programs: whatever writes a file, renames another onto it or restores it moves it.
/// A file that changed within `settling` of being read may change again in the same tick and is read once more.
struct FileStamp: Sendable, Hashable {
    var text: String
    /// Of the last change of content or attributes; microseconds since 1970.
    var changedAt: Int64

    static let settling: Int64 = 2_000_000

    /// nil when there is no such file.
    init?(path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        #if canImport(Glibc)
            let (modified, changed) = (facts.st_mtim, facts.st_ctim)
        #else
            let (modified, changed) = (facts.st_mtimespec, facts.st_ctimespec)
        #endif
        changedAt = Int64(changed.tv_sec) * 1_000_000 + Int64(changed.tv_nsec) / 1000
        text =
            "\(facts.st_dev) \(facts.st_ino) \(facts.st_size) \(modified.tv_sec).\(modified.tv_nsec) "
            + "\(changed.tv_sec).\(changed.tv_nsec)"
    }
}

/// Content hashes of delivered files, read once while their stamps stand (`history.file_stamp`).
struct FileContents {
    let connection: WarehouseConnection
    /// When loading began, microseconds since 1970.
    let now: Int64
    /// Reads every file, whatever is known.
    var afresh = false

    /// What identifies a file's content; facts only when the file was read.
    func content(of path: String, delimiter: UInt8) async throws -> (text: String, facts: FileFacts?) {
        let stamp = FileStamp(path: path)
        if !afresh, let stamp {
            let known = try await connection.query(
                "SELECT content FROM history.file_stamp WHERE path = ? AND stamp = ?",
                [.text(path), .text(stamp.text)])
            if let content = try known.texts("content").first { return (content, nil) }
        }
        let facts = try FileFacts(path: path, delimiter: delimiter)
        let content = "\(facts.hash) \(facts.bytes)"
        // Whoever wrote while the file was read has moved the stamp.
        guard let stamp, stamp.changedAt + FileStamp.settling < now, stamp == FileStamp(path: path) else {
            return (content, facts)
        }
        try await connection.execute("DELETE FROM history.file_stamp WHERE path = ?", [.text(path)])
        try await connection.execute(
            "INSERT INTO history.file_stamp VALUES (?, ?, ?)", [.text(path), .text(stamp.text), .text(content)])
        return (content, facts)
    }
}
