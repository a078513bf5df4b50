internal import EngagementModel

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The bytes of a file, mapped into memory; of a pipe, read into memory.
///
/// Unchecked: the bytes are never written after `init`, and `deinit` runs when nobody reads any more.
final class FileBytes: @unchecked Sendable {
    let base: UnsafePointer<UInt8>
    let count: Int
    private let region: UnsafeMutableRawPointer?
    private let isMapped: Bool

    /// - Throws: `file_unreadable`, `empty_file`.
    init(path: String) throws {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw Self.unreadable(path) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw Self.unreadable(path) }
        let kind = facts.st_mode & S_IFMT
        guard kind != S_IFDIR else { throw Self.folder(path) }
        if kind == S_IFREG {
            count = Int(facts.st_size)
            guard count > 0 else { throw Self.empty(path) }
            #if os(Linux)
                // The whole file is read at once: one call instead of a fault for every few pages.
                let flags = MAP_PRIVATE | MAP_POPULATE
            #else
                let flags = MAP_PRIVATE
            #endif
            let address = mmap(nil, count, PROT_READ, flags, descriptor, 0)
            guard let address, address != MAP_FAILED else { throw Self.unreadable(path) }
            region = address
            isMapped = true
        } else {
            let (address, length) = try Self.readAll(descriptor, path)
            count = length
            region = address
            isMapped = false
        }
        base = UnsafePointer(region!.assumingMemoryBound(to: UInt8.self))  // Both branches made it.
    }

    deinit {
        guard let region else { return }
        if isMapped { munmap(region, count) } else { region.deallocate() }
    }

    private static func readAll(_ descriptor: Int32, _ path: String) throws -> (UnsafeMutableRawPointer, Int) {
        var capacity = 1 << 20
        var length = 0
        var buffer = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
        while true {
            if length == capacity {
                let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity * 2, alignment: 64)
                larger.copyMemory(from: buffer, byteCount: length)
                buffer.deallocate()
                buffer = larger
                capacity *= 2
            }
            let got = read(descriptor, buffer + length, capacity - length)
            if got > 0 { length += got }
            if got == 0 && length > 0 { return (buffer, length) }
            if got <= 0 {
                buffer.deallocate()
                throw got == 0 ? empty(path) : unreadable(path)
            }
        }
    }

    private static func unreadable(_ path: String) -> Diagnostic {
        Diagnostic(
            "file_unreadable", "cannot open the file: \(String(cString: strerror(errno)))", file: path,
            remedy: "check the path and the right to read it")
    }

    /// - Throws: `file_unreadable` when the file is not there, is a folder or may not be read.
    static func checkReadable(_ path: String) throws {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw unreadable(path) }
        if facts.st_mode & S_IFMT == S_IFDIR { throw folder(path) }
    }

    private static func folder(_ path: String) -> Diagnostic {
        Diagnostic("file_unreadable", "this is a folder, not a file", file: path, remedy: "name a file in it")
    }

    static func empty(_ path: String) -> Diagnostic {
        Diagnostic("empty_file", "the file is empty", file: path, remedy: "give a file with a header and rows")
    }
}
