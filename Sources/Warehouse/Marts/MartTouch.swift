internal import EngagementModel

/// Keeps `mart.touch` up to date: by the changed rows where they are few, else by a whole build, which sorts again.
enum MartTouch {
    /// Beyond this share of changed or appended rows the sorted base has lost its order for pages: build it whole.
    static let largestDelta = 0.2

    static func update(
        _ stage: MartStage, _ connection: WarehouseConnection, _ memory: inout MartMemory, whole: Bool
    ) async throws -> [MartTiming] {
        let print = try await fingerprint(connection)
        var timings: [MartTiming] = []
        func perform(_ name: String) async throws {
            let start = ContinuousClock.now
            let stage = try MartStage.load("features/\(name)")
            try await Marts.perform(stage, connection)
            let rows = try await Marts.rows(of: stage, connection)
            timings.append(
                MartTiming(
                    file: stage.file, seconds: Marts.seconds(since: start), rows: rows, skipped: false))
        }

        if !whole, let entry = memory.entries[stage.file], entry.fingerprint == print, entry.asOfEnd <= memory.asOfEnd {
            let sameIdentities = memory.entries["resolve/xref"].map { $0.serial < entry.built } ?? false
            if entry.asOfEnd == memory.asOfEnd && entry.delivery == memory.delivery && sameIdentities {
                return [MartTiming(file: stage.file, seconds: 0, rows: entry.rows, skipped: true)]
            }
            try await perform("touch_change")
            let changes = timings[0].rows
            let delta = entry.deltaRows + changes
            if Double(delta) <= largestDelta * Double(entry.rows) {
                var rows = entry.rows
                try await memory.forget(stage.file)
                if changes > 0 {
                    for name in ["touch_child_delta", "touch_input_delta", "touch_row", "touch_delta"] {
                        try await perform(name)
                    }
                    rows = try await Marts.rows(of: stage, connection)
                }
                try await perform("touch_xref")
                try await memory.remember(stage.file, fingerprint: print, rows: rows, deltaRows: delta)
                return timings
            }
        }
        try await memory.forget(stage.file)
        for name in ["touch_child_row", "touch_child", "touch_input", "touch_row", "touch", "touch_xref"] {
            try await perform(name)
        }
        let rows = try await Marts.rows(of: stage, connection)
        try await memory.remember(stage.file, fingerprint: print, rows: rows, deltaRows: 0)
        return timings
    }

    /// Everything besides interactions and identities that a touch depends on: the stages' text and who is medical.
    private static func fingerprint(_ connection: WarehouseConnection) async throws -> String {
        var print = Fingerprint()
        for name in ["touch_child_row", "touch_row", "touch"] { print.add(try MartStage.load("features/\(name)").sql) }
        let medical = try await connection.query("SELECT rep_id FROM mart.rep WHERE kind = 'msl' ORDER BY rep_id")
        for rep in try medical.texts("rep_id") { print.add(rep) }
        return print.text
    }
}
