internal import EngagementModel

extension WarehouseConnection {
    /// Runs a query and hands its batches to `body` one after the other; memory does not grow with the result.
    ///
    /// Views of a batch are valid inside `body`. An error thrown by `body` ends the query. Code that belongs to an
    /// actor stays there and gets batches in small groups; all other code is run on the connection's own thread
    /// meanwhile, batch by batch at the driver's speed.
    package func stream(
        _ sql: String, _ parameters: [SQLValue] = [], isolation: isolated (any Actor)? = #isolation,
        _ body: (RecordBatch) throws -> Void
    ) async throws {
        if isolation == nil {
            // Sound, because what `body` captures belongs to the waiting task and to no actor.
            try await withTaskExecutorPreference(thread) { try await readInPlace(sql, parameters, body) }
        } else {
            try await readInGroups(sql, parameters, body)
        }
    }

    // MARK: - On the connection's thread

    private nonisolated(nonsending) func readInPlace(
        _ sql: String, _ parameters: [SQLValue], _ body: (RecordBatch) throws -> Void
    ) async throws {
        // A task's executor is a preference; should it not be honoured, the other way works everywhere.
        guard thread.isCurrent else { return try await readInGroups(sql, parameters, body) }
        try Task.checkCancellation()
        let number = try handle.begin()
        defer { handle.end(number) }
        let handle = handle
        do {
            try await withTaskCancellationHandler {
                try self.readHere(sql, parameters, body)
            } onCancel: {
                handle.interruptUntilEnded(number)
            }
        } catch {
            throw Self.cancellation(of: error)
        }
    }

    /// Only on the thread, where `open` may be touched without the actor.
    private nonisolated func readHere(
        _ sql: String, _ parameters: [SQLValue], _ body: (RecordBatch) throws -> Void
    ) throws {
        let number = try assumeIsolated { try $0.keepStream(sql, parameters) }
        defer { open.streams[number] = nil }
        guard let result = open.streams[number] else { return }
        while let batch = try result.next() {
            if batch.rowCount > 0 { try body(batch) }
        }
    }

    private func keepStream(_ sql: String, _ parameters: [SQLValue]) throws -> Int {
        let number = nextNumber()
        open.streams[number] = try start(sql, parameters).result
        return number
    }

    // MARK: - Where the actor is

    private nonisolated(nonsending) func readInGroups(
        _ sql: String, _ parameters: [SQLValue], _ body: (RecordBatch) throws -> Void
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
        try await operation { try self.keepStream(sql, parameters) }
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
