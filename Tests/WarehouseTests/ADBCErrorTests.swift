import EngagementModel
import Foundation
import Testing

@testable import Warehouse

@Suite struct ADBCErrorTests {
    @Test func theEnginesOwnTextIsTold() async throws {
        let connection = try memoryConnection()
        let cases = [
            ("SELEC 1", "syntax error"), ("SELECT * FROM nowhere", "nowhere"),
            ("SELECT CAST('x' AS INTEGER) AS a", "Could not convert string 'x'"),
            ("SELECT error('my own text')", "my own text"),
        ]
        for (sql, text) in cases {
            let error = await diagnostic { _ = try await connection.query(sql) }
            #expect(error.code == WarehouseError.engine && error.message.contains(text), "\(error)")
        }
        #expect(try await connection.query("SELECT 1 AS a").ints("a") == [1])
    }

    @Test func theRedactedFormHasNoCellInIt() async throws {
        let connection = try memoryConnection()
        try await connection.execute("CREATE TABLE t AS SELECT 'Erika Mustermann' AS name")
        let error = await diagnostic { _ = try await connection.query("SELECT CAST(name AS INTEGER) FROM t") }
        #expect(error.message.contains("Mustermann"))
        #expect(!error.redacted.description.contains("Mustermann"))
        #expect(error.redacted.message.contains("Could not convert string '…'"))
        #expect(error.redacted.code == error.code)
        let literal = await diagnostic { _ = try await connection.query("SELECT 'Erika' AS n, nothing") }
        #expect(!literal.redacted.message.contains("Erika"))
        let odd = Diagnostic("x", "value 'it''s\nMustermann' and an open 'Muster")
        #expect(!odd.redacted.message.contains("Muster"))
    }

    @Test func aMissingDriverNamesTheCommandThatInstallsIt() async throws {
        let folder = NSTemporaryDirectory() + "no-such-folder"
        let own = await diagnostic {
            _ = try Warehouse.open(WarehouseOptions(libraryPath: folder + "/libduckdb.so"))
        }
        #expect(own.code == WarehouseError.driverMissing)
        #expect(own.remedy?.contains("script/setup") == true && own.message.contains(folder))
        let generic = await diagnostic {
            _ = try Warehouse.open(WarehouseOptions(engine: .driver(path: folder + "/libadbc_driver_none.so")))
        }
        #expect(generic.code == WarehouseError.driverMissing)
    }

    @Test func aLibraryThatIsNoDriverIsNamed() async throws {
        let error = await diagnostic {
            _ = try Warehouse.open(WarehouseOptions(engine: .driver(path: "libm.so.6")))
        }
        #expect(error.code == WarehouseError.driverUnusable && error.message.contains("AdbcDriverInit"))
    }

    @Test func placesAndEntryPointsAreDerivedAsDocumented() {
        #expect(
            DriverLocation.nativeDirectory(environment: ["RAPPORT_NATIVE": "/n", "XDG_DATA_HOME": "/d"]) == "/n")
        #expect(DriverLocation.nativeDirectory(environment: ["XDG_DATA_HOME": "/d"]) == "/d/rapport/native")
        #expect(DriverLocation.nativeDirectory().hasSuffix("/.local/share/rapport/native"))
        #expect(
            DriverLocation.entrypoints(path: "/x/libadbc_driver_postgresql.so.17", given: nil)
                == ["AdbcDriverPostgresqlInit", "AdbcDriverInit"])
        #expect(DriverLocation.entrypoints(path: "libflight.so", given: nil).first == "AdbcFlightInit")
        #expect(DriverLocation.entrypoints(path: "x.so", given: "my_init") == ["my_init"])
        let wheel = "/w/_duckdb.cpython-312-x86_64-linux-gnu.so"
        #expect(
            DriverLocation.duckdbCandidates(libraryPath: wheel, nativeDirectory: "/n")
                == [.init(path: wheel, python: "libpython3.12.so.1.0")])
        #expect(
            DriverLocation.duckdbCandidates(libraryPath: nil, nativeDirectory: "/none").map(\.path) == ["libduckdb.so"])
    }

    @Test func anyDriverRunsThroughItsEntryPointAndOptions() async throws {
        // The embedded engine, addressed as a driver of someone else's.
        _ = try memoryConnection()
        let path = try #require(
            DriverLocation.duckdbCandidates(libraryPath: nil, nativeDirectory: DriverLocation.nativeDirectory()).last)
        let warehouse = try Warehouse.open(
            WarehouseOptions(
                engine: .driver(path: path.path, entrypoint: "duckdb_adbc_init", options: ["path": ":memory:"])))
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        try await connection.ingest(ColumnSet([("a", .int64([1, 2]))]), into: "t", mode: .create)
        #expect(try await connection.query("SELECT sum(a) AS s FROM t WHERE a > ?", [1]).int64s("s") == [2])
    }

    @Test func aWrongSettingIsRefusedWhenOpening() async throws {
        let error = await diagnostic { _ = try Warehouse.open(WarehouseOptions(settings: ["no_such_setting": "1"])) }
        #expect(error.code == WarehouseError.engine)
    }

    @Test func settingsReachTheEngine() async throws {
        let warehouse = try Warehouse.open(
            WarehouseOptions(memoryLimit: "256MiB", threads: 1, temporaryDirectory: NSTemporaryDirectory()))
        defer { warehouse.close() }
        let table = try await warehouse.connect().query(
            "SELECT current_setting('memory_limit') AS m, current_setting('threads')::BIGINT AS n")
        #expect(try table.strings("m") == ["256.0 MiB"] && table.ints("n") == [1])
    }

    @Test func statementsWithNULAreRefused() async throws {
        let connection = try memoryConnection()
        #expect(await diagnostic { try await connection.execute("SELECT 1\0; DROP") }.code == WarehouseError.engine)
    }
}
