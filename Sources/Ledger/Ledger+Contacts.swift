package import EngagementModel
import GRDB

extension Ledger {
    /// Makes the loaded part of the contact history equal to `columns`: new touches are added, changed ones updated,
    /// and those that left the window or the sources removed. Loading the same touches again writes nothing.
    ///
    /// Rows that Rapport wrote itself are never removed; a loaded touch with the same interaction id, or that names the
    /// same decision, confirms such a row instead of counting twice. A touch that was sent and names a decision marks
    /// it as executed.
    ///
    /// - Parameter window: the longest cap window up to the as-of day; rows outside of it are left out.
    package func replaceLoadedContacts(window: ClosedRange<Day>, _ columns: ContactColumns) async throws -> ContactLoad
    {
        guard columns.isRectangular else {
            throw Diagnostic("columns_differ", "The columns of the contact load differ in length.")
        }
        let at = now()
        return try await bulkWrite { db in
            var upsert = try ContactUpsert(db, at: at, expecting: columns.count)
            for index in 0..<columns.count {
                if window.contains(columns.day[index]) {
                    try upsert.add(columns, index)
                } else {
                    upsert.countOutside()
                }
            }
            try upsert.finish()
            let load = upsert.load
            if load.changesAnything {
                try Self.audit(
                    db, at: at, by: .system, "contacts.loaded",
                    subject: "\(window.lowerBound)..\(window.upperBound)",
                    after: [
                        "inserted": "\(load.inserted)", "updated": "\(load.updated)", "removed": "\(load.removed)",
                        "confirmed": "\(load.confirmed)", "executed": "\(load.executed)",
                    ])
            }
            return load
        }
    }
}
