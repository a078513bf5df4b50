import Foundation

/// What the process itself uses, in the names that Prometheus clients agree on.
enum ProcessFigures {
    /// Empty where the system has no `/proc`.
    static func text() -> String {
        guard let status = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = status.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return "" }
        var lines = [
            "# TYPE process_resident_memory_bytes gauge",
            "process_resident_memory_bytes \(pages * Int(sysconf(Int32(_SC_PAGESIZE))))",
        ]
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            lines += ["# TYPE process_open_fds gauge", "process_open_fds \(open)"]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
