internal import CADBC
internal import EngagementModel
internal import Synchronization

/// A loaded driver: its table of functions, kept for the life of the process.
// Unchecked: the table is filled before the initialiser returns and only read afterwards.
final class ADBCDriver: @unchecked Sendable {
    let table: UnsafeMutablePointer<CADBC.AdbcDriver>
    let path: String
    /// 1_001_000 for ADBC 1.1: only then may 1.1 functions be asked for.
    let version: Int32

    /// One load a library and entry point: libraries with state of their own must not be set up twice.
    private static let loaded = Mutex<[String: ADBCDriver]>([:])

    private init(path: String, library: UnsafeMutableRawPointer, entrypoint: String) throws {
        let table = UnsafeMutablePointer<CADBC.AdbcDriver>.allocate(capacity: 1)
        table.initialize(to: CADBC.AdbcDriver())
        var error = AdbcError()
        var version: Int32 = 0
        let status = cadbc_init_driver(library, entrypoint, table, &version, &error)
        defer { if let release = error.release { release(&error) } }
        guard status == 0 else {
            table.deallocate()
            let text = error.message.map { String(cString: $0) } ?? "status \(status)"
            throw Diagnostic(
                WarehouseError.driverUnusable, "\(path): the driver's \(entrypoint) failed: \(text)")
        }
        self.table = table
        self.path = path
        self.version = version
    }

    // MARK: Loading

    static func load(_ options: WarehouseOptions) throws -> ADBCDriver {
        switch options.engine {
        case .duckdb:
            let directory = options.nativeDirectory ?? DriverLocation.nativeDirectory()
            return try duckdb(libraryPath: options.libraryPath, nativeDirectory: directory)
        case .driver(let path, let entrypoint, _):
            return try load(path, python: nil, entrypoints: DriverLocation.entrypoints(path: path, given: entrypoint))
        }
    }

    private static func duckdb(libraryPath: String?, nativeDirectory: String) throws -> ADBCDriver {
        var reasons: [String] = []
        for candidate in DriverLocation.duckdbCandidates(libraryPath: libraryPath, nativeDirectory: nativeDirectory) {
            do {
                return try load(candidate.path, python: candidate.python, entrypoints: ["duckdb_adbc_init"])
            } catch let diagnostic as Diagnostic where diagnostic.code == WarehouseError.driverMissing {
                reasons.append(diagnostic.message)
            }
        }
        throw Diagnostic(
            WarehouseError.driverMissing,
            "DuckDB was not found, neither in the system's library folders nor in \(nativeDirectory)/duckdb: "
                + reasons.joined(separator: "; "),
            remedy: "run script/setup, which installs it")
    }

    private static func load(_ path: String, python: String?, entrypoints: [String]) throws -> ADBCDriver {
        try loaded.withLock { loaded in
            let key = path + "\n" + entrypoints.joined(separator: "\n")
            if let driver = loaded[key] { return driver }
            if let python, cadbc_load(python, 1) == nil { throw missing(python) }
            guard let library = cadbc_load(path, 0) else { throw missing(path) }
            guard let entrypoint = entrypoints.first(where: { cadbc_exports(library, $0) == 1 }) else {
                throw Diagnostic(
                    WarehouseError.driverUnusable,
                    "\(path) is no ADBC driver: it exports none of \(entrypoints.joined(separator: ", "))")
            }
            let driver = try ADBCDriver(path: path, library: library, entrypoint: entrypoint)
            loaded[key] = driver
            return driver
        }
    }

    private static func missing(_ path: String) -> Diagnostic {
        let reason = cadbc_load_error().map { String(cString: $0) } ?? "\(path) cannot be loaded"
        return Diagnostic(
            WarehouseError.driverMissing, reason, remedy: "run script/setup, which installs the native libraries")
    }

    // MARK: Calling

    /// Runs one ADBC call and turns a failure into a diagnostic with the engine's text.
    ///
    /// The body returns nil where the driver's table has no such function.
    func call(
        _ name: String, hiding values: [SQLValue] = [], _ body: (UnsafeMutablePointer<AdbcError>) -> AdbcStatusCode?
    ) throws {
        var error = AdbcError()
        // A promise of the 1.1 fields, only to drivers that know them.
        error.vendor_code = version >= Int32(ADBC_1_1_0) ? Int32.min : 0
        let status = body(&error)
        defer { if let release = error.release { release(&error) } }
        guard let status else {
            throw Diagnostic(WarehouseError.driverUnusable, "\(path): the driver has no \(name)")
        }
        guard status != 0 else { return }
        let text = error.message.map { String(cString: $0) } ?? "\(name) failed with ADBC status \(status)"
        throw WarehouseError.diagnostic(
            text, cancelled: status == AdbcStatusCode(ADBC_CANCELLED), hiding: values)
    }
}
