internal import CADBC
internal import EngagementModel
internal import Foundation

/// How fast results reach Swift, measured against the driver alone.
package enum WarehouseBenchmark {
    package struct Result: Sendable {
        package var rows: Int
        /// The driver's own loop: next batch, release, nothing touched.
        package var driverSeconds: Double
        /// The driver's loop, and all five columns summed through bare pointers.
        package var driverSumSeconds: Double
        /// Our stream, the five typed views taken from every batch, nothing summed.
        package var columnsSeconds: Double
        /// Our stream, and all five columns summed through the views.
        package var columnsSumSeconds: Double
        /// Driver's time over ours, for the same work; 1 is the driver's own speed.
        package var share: Double { driverSeconds / columnsSeconds }
        package var sumShare: Double { driverSumSeconds / columnsSumSeconds }
        package var processorShare: Double { driverProcessorSeconds / columnsProcessorSeconds }
        /// Processor time of the whole process for the two loops without sums: what a busy machine distorts less.
        package var driverProcessorSeconds: Double
        package var columnsProcessorSeconds: Double
        /// The views point into the driver's buffers.
        package var isWithoutCopy: Bool
        /// Readers go on where they were, not on the connection's thread.
        package var isApart: Bool
    }

    /// Reads `rows` × (bigint, integer, double, float, bigint) from a table in the file at `path`, which is made
    /// there; the best of `repeats` of each, taken in turns so that a busy machine slows all alike.
    package static func columnsOverADBC(
        rows: Int = 10_000_000, path: String, repeats: Int = 7
    ) async throws -> Result {
        let warehouse = try Warehouse.open(WarehouseOptions(path: path))
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        try await connection.execute(
            """
            CREATE OR REPLACE TABLE bench AS
            SELECT i AS a, (i % 1000)::INTEGER AS b, i * 0.5 AS c, (i % 97)::FLOAT AS d, i * 3 AS e
            FROM range(\(rows)) r(i)
            """)
        var best = Result(
            rows: rows, driverSeconds: .infinity, driverSumSeconds: .infinity, columnsSeconds: .infinity,
            columnsSumSeconds: .infinity, driverProcessorSeconds: .infinity, columnsProcessorSeconds: .infinity,
            isWithoutCopy: true, isApart: true)
        for _ in 0..<repeats {
            let driver = try await connection.bareLoop(sql, summing: false)
            let driverSum = try await connection.bareLoop(sql, summing: true)
            let columns = try await views(connection, summing: false)
            let columnsSum = try await views(connection, summing: true)
            guard driver.rows == rows, columns.rows == rows, driverSum.sums == columnsSum.sums else {
                throw Diagnostic("benchmark_wrong", "the two ways of reading disagree")
            }
            best.driverSeconds = min(best.driverSeconds, driver.seconds)
            best.driverSumSeconds = min(best.driverSumSeconds, driverSum.seconds)
            best.columnsSeconds = min(best.columnsSeconds, columns.seconds)
            best.driverProcessorSeconds = min(best.driverProcessorSeconds, driver.processorSeconds)
            best.columnsProcessorSeconds = min(best.columnsProcessorSeconds, columns.processorSeconds)
            best.isApart = best.isApart && !connection.thread.isCurrent
            best.columnsSumSeconds = min(best.columnsSumSeconds, columnsSum.seconds)
        }
        best.isWithoutCopy = try await viewsAreTheDriversBuffers(connection)
        return best
    }

    private static let sql = "SELECT a, b, c::DOUBLE AS c, d, e FROM bench"

    fileprivate struct Measured: Sendable {
        var seconds: Double
        var processorSeconds: Double
        var rows: Int
        var sums: [Double]
    }

    private static func views(_ connection: WarehouseConnection, summing: Bool) async throws -> Measured {
        let watch = Watch()
        var rows = 0
        var sums = Totals()
        try await connection.stream(sql) { batch in
            let a = try batch.int64("a")
            let b = try batch.int32("b")
            let c = try batch.double("c")
            let d = try batch.float("d")
            let e = try batch.int64("e")
            rows += batch.rowCount
            if summing { sums.add(a, b, c, d, e) }
        }
        return Measured(
            seconds: watch.seconds, processorSeconds: watch.processorSeconds, rows: rows, sums: sums.list)
    }

    private static func viewsAreTheDriversBuffers(_ connection: WarehouseConnection) async throws -> Bool {
        var same = true
        try await connection.stream(sql + " LIMIT 5000") { batch in
            let chunk = try batch.chunk("a")
            same = try same && UnsafeRawPointer(batch.int64("a").baseAddress) == chunk.array.pointee.buffers[1]
        }
        return same
    }
}

/// The sums of five columns, by the same loops for both ways of reading.
private struct Totals {
    var a: Int64 = 0
    var b: Int64 = 0
    var c = 0.0
    var d = 0.0
    var e: Int64 = 0

    var list: [Double] { [Double(a), Double(b), c, d, Double(e)] }

    @inline(__always)
    mutating func add(
        _ first: UnsafeBufferPointer<Int64>, _ second: UnsafeBufferPointer<Int32>,
        _ third: UnsafeBufferPointer<Double>, _ fourth: UnsafeBufferPointer<Float>,
        _ fifth: UnsafeBufferPointer<Int64>
    ) {
        for value in first { a &+= value }
        for value in second { b &+= Int64(value) }
        for value in third { c += value }
        for value in fourth { d += Double(value) }
        for value in fifth { e &+= value }
    }
}

extension WarehouseConnection {
    /// The loop that a C program would write, on the connection's thread.
    fileprivate func bareLoop(_ sql: String, summing: Bool) async throws -> WarehouseBenchmark.Measured {
        try await operation {
            let watch = Watch()
            let result = try self.start(sql, []).result
            let stream = result.pointer
            var rows = 0
            var totals = Totals()
            while true {
                var array = ArrowArray()
                guard stream.pointee.get_next?(stream, &array) == 0, let release = array.release else { break }
                rows += Int(array.length)
                if summing {
                    totals.add(
                        Self.column(array, 0), Self.column(array, 1), Self.column(array, 2), Self.column(array, 3),
                        Self.column(array, 4))
                }
                release(&array)
            }
            withExtendedLifetime(result) {}
            return WarehouseBenchmark.Measured(
                seconds: watch.seconds, processorSeconds: watch.processorSeconds, rows: rows, sums: totals.list)
        }
    }

    private static func column<T>(_ array: ArrowArray, _ place: Int) -> UnsafeBufferPointer<T> {
        UnsafeBufferPointer(
            start: array.children[place]?.pointee.buffers[1]?.assumingMemoryBound(to: T.self), count: Int(array.length))
    }
}

/// Time since it was made, on the wall and on the processors.
private struct Watch {
    private let started = ContinuousClock.now
    private let startedProcessor = clock()

    var seconds: Double {
        let components = (ContinuousClock.now - started).components
        return Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    var processorSeconds: Double { Double(clock() - startedProcessor) / Double(CLOCKS_PER_SEC) }
}
