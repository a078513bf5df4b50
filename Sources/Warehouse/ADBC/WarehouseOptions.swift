/// Where the warehouse is and how much of the machine it may use.
package struct WarehouseOptions: Sendable {
    package enum Engine: Sendable {
        /// DuckDB in this process.
        case duckdb
        /// Any ADBC driver: a library (a path, or a name that the system's loader finds), its entry point (nil: derived
        /// from the library's name, or `AdbcDriverInit`) and the options of its database, such as `uri`.
        case driver(path: String, entrypoint: String? = nil, options: [String: String] = [:])
    }

    package var engine: Engine
    /// A file, or ":memory:". Drivers other than DuckDB get their place from their own options.
    package var path: String
    /// Refuses every change; several processes may read one file so.
    package var readOnly: Bool
    /// As the engine spells it: "4GB".
    package var memoryLimit: String?
    package var threads: Int?
    /// Where the engine spills what does not fit into memory.
    package var temporaryDirectory: String?
    /// The folder that `script/setup` fills; nil: `~/.local/share/rapport/native`.
    package var nativeDirectory: String?
    /// A DuckDB library of one's own, before every other place.
    package var libraryPath: String?
    /// Further settings of DuckDB, by its own names.
    package var settings: [String: String]

    package init(
        engine: Engine = .duckdb, path: String = ":memory:", readOnly: Bool = false, memoryLimit: String? = nil,
        threads: Int? = nil, temporaryDirectory: String? = nil, nativeDirectory: String? = nil,
        libraryPath: String? = nil, settings: [String: String] = [:]
    ) {
        self.engine = engine
        self.path = path
        self.readOnly = readOnly
        self.memoryLimit = memoryLimit
        self.threads = threads
        self.temporaryDirectory = temporaryDirectory
        self.nativeDirectory = nativeDirectory
        self.libraryPath = libraryPath
        self.settings = settings
    }

    /// What the driver is told before the database opens, in order.
    var databaseOptions: [(key: String, value: String)] {
        if case .driver(_, _, let options) = engine { return options.sorted { $0.key < $1.key } }
        var options: [(key: String, value: String)] = [("path", path)]
        if readOnly { options.append(("access_mode", "READ_ONLY")) }
        if let memoryLimit { options.append(("memory_limit", memoryLimit)) }
        if let threads { options.append(("threads", String(threads))) }
        if let temporaryDirectory { options.append(("temp_directory", temporaryDirectory)) }
        // A warehouse never fetches code from the network on its own.
        options.append(("autoinstall_known_extensions", "false"))
        return options + settings.sorted { $0.key < $1.key }
    }
}
