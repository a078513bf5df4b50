internal import EngagementModel
internal import Foundation

/// Where native libraries lie and how a driver's entry point is called.
package enum DriverLocation {
    /// The folder that `script/setup` fills: `RAPPORT_NATIVE`, else `rapport/native` in the user's data folder.
    ///
    /// The environment is a parameter: only the command line reads it.
    package static func nativeDirectory(environment: [String: String] = [:]) -> String {
        if let own = environment["RAPPORT_NATIVE"], !own.isEmpty { return own }
        if let data = environment["XDG_DATA_HOME"], !data.isEmpty { return data + "/rapport/native" }
        return FileManager.default.homeDirectoryForCurrentUser.path + "/.local/share/rapport/native"
    }

    struct Candidate: Equatable {
        var path: String
        /// The Python library that a wheel's extension needs to be loaded first.
        var python: String?
    }

    /// Where DuckDB may lie, best first.
    static func duckdbCandidates(libraryPath: String?, nativeDirectory: String) -> [Candidate] {
        if let libraryPath { return [candidate(libraryPath)] }
        let folder = nativeDirectory + "/duckdb"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let wheels = names.filter { $0.hasPrefix("_duckdb") && $0.hasSuffix(".so") }.sorted()
        #if os(macOS)
            let system = "libduckdb.dylib"
        #else
            let system = "libduckdb.so"
        #endif
        let plain = names.filter { $0 == system }
        return [Candidate(path: system)] + (plain + wheels).map { candidate(folder + "/" + $0) }
    }

    /// `_duckdb.cpython-311-x86_64-linux-gnu.so` was built for Python 3.11 and takes its symbols from there.
    private static func candidate(_ path: String) -> Candidate {
        let name = path.split(separator: "/").last ?? ""
        guard let tag = name.split(separator: ".").first(where: { $0.hasPrefix("cpython-") }),
            let digits = tag.split(separator: "-").dropFirst().first, digits.count >= 2
        else { return Candidate(path: path) }
        return Candidate(path: path, python: "libpython\(digits.prefix(1)).\(digits.dropFirst()).so.1.0")
    }

    /// The entry points to try: the one given, else the one derived from the library's name, else the common one.
    ///
    /// `libadbc_driver_postgresql.so.17` gives `AdbcDriverPostgresqlInit`, as ADBC's driver managers derive it.
    static func entrypoints(path: String, given: String?) -> [String] {
        if let given { return [given] }
        var name = String(path.split(separator: "/").last ?? "")
        if let dot = name.firstIndex(of: ".") { name = String(name[..<dot]) }
        if name.hasPrefix("lib") { name.removeFirst(3) }
        let words = name.split { $0 == "_" || $0 == "-" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
        var derived = words.joined()
        if !derived.hasPrefix("Adbc") { derived = "Adbc" + derived }
        return words.isEmpty ? ["AdbcDriverInit"] : [derived + "Init", "AdbcDriverInit"]
    }
}
