internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// Reads the history of touches into the columns that the response model folds.
enum Touches {
    /// Heads of mart.touch as the features see them: no medical rows, no machines, nothing that failed; sorted by HCP and time.
    static func read(
        _ connection: WarehouseConnection, contents: Interner, products: Interner, sorted: Bool
    ) async throws -> TouchColumns {
        let count = try await connection.query("SELECT count(*) AS n FROM mart.touch WHERE head AND NOT medical")
            .int64s("n")[0]
        var hcp: [Int32] = []
        var time: [Int64] = []
        var channel: [UInt8] = []
        var level: [UInt8] = []
        var flags: [UInt8] = []
        var content: [Int32] = []
        var rep: [Int32] = []
        var product: [Int32] = []
        let capacity = Int(count)
        hcp.reserveCapacity(capacity)
        time.reserveCapacity(capacity)
        channel.reserveCapacity(capacity)
        level.reserveCapacity(capacity)
        flags.reserveCapacity(capacity)
        content.reserveCapacity(capacity)
        rep.reserveCapacity(capacity)
        product.reserveCapacity(capacity)
        try await number(contents, "content", connection)
        try await number(products, "product", connection)
        let channels = Channel.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        try await connection.stream(
            """
            SELECT t.hcp_no, epoch_us(t.occurred_at) AS at, CAST(list_position([\(channels)], t.channel) - 1 AS UTINYINT) AS channel,
              CAST(t.level AS UTINYINT) AS level,
              CAST(CASE WHEN t.direction = 'pull' THEN 1 ELSE 0 END + CASE WHEN t.status = 'uncertain' THEN 2 ELSE 0 END AS UTINYINT) AS flags,
              coalesce(c.number, -1) AS content, coalesce(r.rep_no, -1) AS rep, coalesce(p.number, -1) AS product
            FROM mart.touch AS t
            LEFT JOIN temp.content_number AS c ON c.name = t.content_id
            LEFT JOIN temp.product_number AS p ON p.name = t.product_id
            LEFT JOIN mart.rep AS r ON r.rep_id = t.rep_id
            WHERE t.head AND NOT t.medical AND NOT t.machine
              AND (t.status IS NULL OR t.status IN ('sent', 'delivered', 'uncertain'))
            \(sorted ? "ORDER BY t.hcp_no, t.occurred_at, t.rowid" : "")
            """
        ) { batch in
            hcp.append(contentsOf: try batch.int32("hcp_no"))
            time.append(contentsOf: try batch.int64("at"))
            channel.append(contentsOf: try batch.uint8("channel"))
            level.append(contentsOf: try batch.uint8("level"))
            flags.append(contentsOf: try batch.uint8("flags"))
            content.append(contentsOf: try batch.int32("content"))
            rep.append(contentsOf: try batch.int32("rep"))
            product.append(contentsOf: try batch.int32("product"))
        }
        return TouchColumns(
            hcp: hcp, time: time, channel: channel, level: level, flags: flags, content: content, rep: rep,
            product: product)
    }

    /// A temporary table that gives names their numbers.
    private static func number(_ names: Interner, _ what: String, _ connection: WarehouseConnection) async throws {
        try await connection.execute("CREATE OR REPLACE TEMP TABLE \(what)_number (name VARCHAR, number INTEGER)")
        guard !names.names.isEmpty else { return }
        let columns = ColumnSet([
            ("name", .text(names.names)), ("number", .int32((0..<Int32(names.names.count)).map { $0 })),
        ])
        try await connection.ingest(columns, into: "main.\(what)_number_new", mode: .replace)
        try await connection.execute(
            "INSERT INTO temp.\(what)_number SELECT name, number FROM main.\(what)_number_new; DROP TABLE main.\(what)_number_new"
        )
    }
}
