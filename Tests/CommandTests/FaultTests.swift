import Foundation
import TestSupport
import Testing

/// What goes wrong on an operator's machine, said in words with a remedy.
@Suite struct FaultTests {
    private static func workspace(_ folder: TemporaryFolder) throws -> String {
        let path = folder.url.appending(path: "company").path
        #expect(try Command.run("init", path, "--template", "empty").status == 0)
        return path
    }

    /// The kernel's lock of a server goes with its process; here the test holds it.
    @Test func oneServerServesAWorkspace() throws {
        let folder = try TemporaryFolder()
        let path = try Self.workspace(folder)
        try FileManager.default.createDirectory(atPath: path + "/state", withIntermediateDirectories: true)
        let lock = open(path + "/state/serve.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        defer { close(lock) }
        try #require(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        let result = try Command.run("serve", "--workspace", path, "--port", "0")
        #expect(result.status == 1 && result.messages.contains("server_running"), "\(result.messages)")
    }

    @Test func aPortThatIsTakenIsNamed() throws {
        let folder = try TemporaryFolder()
        let path = try Self.workspace(folder)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 1) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        try #require(bound)
        let port = UInt16(bigEndian: address.sin_port)
        let result = try Command.run("serve", "--workspace", path, "--port", "\(port)")
        #expect(result.status == 1)
        #expect(result.messages.contains("cannot listen on 127.0.0.1:\(port)"), "\(result.messages)")
        #expect(result.messages.contains("--port") && !result.messages.contains("Rapport serves"))
        #expect(try Command.run("serve", "--workspace", path, "--port", "70000").status == 2)
    }

    @Test func aFileThatCannotBeWrittenIsNamed() throws {
        let folder = try TemporaryFolder()
        let target = folder.url.path + "/missing/plan.csv"
        let result = try DemoTests.demo.get().rapport("decisions", "--format", "csv", "--out", target)
        #expect(result.status == 1 && result.messages.contains(target), "\(result.messages)")
        #expect(result.messages.contains("[file_error]"))
    }
}
