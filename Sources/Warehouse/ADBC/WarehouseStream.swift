internal import EngagementModel

extension WarehouseConnection {
    /// Runs a query and hands its batches to `body` one after the other; memory does not grow with the result.
    ///
    /// The engine works on its own threads; `body` runs where the caller is, and views of a batch are valid inside it.
    /// An error thrown by `body` ends the query.
    package nonisolated(nonsending) func stream(
        _ sql: String, _ parameters: [SQLValue] = [], _ body: (RecordBatch) throws -> Void
    ) async throws {
        let number = try await openStream(sql, parameters)
        do {
            var group = try await nextBatches(of: number)
            while !group.isEmpty {
                for batch in group { try body(batch) }
                group = try await nextBatches(of: number)
            }
        } catch {
            await closeStream(number)
            throw error
        }
        await closeStream(number)
    }

    private func openStream(_ sql: String, _ parameters: [SQLValue]) async throws -> Int {
        try await operation {
            let number = self.nextNumber()
            self.open.streams[number] = try self.start(sql, parameters).result
            return number
        }
    }

    /// Batches for about one hand-over between threads; none at the end.
    private func nextBatches(of number: Int) async throws -> [RecordBatch] {
        guard let stream = open.streams[number] else { return [] }
        return try await operation {
            var batches: [RecordBatch] = []
            var rows = 0
            // Enough rows that the hand-over costs nothing beside them, few enough to stay in the cache.
            while rows < 65_536, batches.count < 16, let batch = try stream.next() {
                guard batch.rowCount > 0 else { continue }
                rows += batch.rowCount
                batches.append(batch)
            }
            return batches
        }
    }

    private func closeStream(_ number: Int) { open.streams[number] = nil }
}
