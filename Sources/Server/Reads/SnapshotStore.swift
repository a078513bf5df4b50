import EngagementModel
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Warehouse

/// Holds the current snapshot and exchanges it when a run publishes a newer one.
///
/// A run swaps the link `warehouse/current` by a rename. The store opens the new file beside the old one and lets go
/// of the old one when the last request that uses it is over: nobody waits, and no page mixes two states.
final class SnapshotStore: Service, Sendable {
    private let folder: String
    private let options: ServerOptions
    private let currency: String
    private let book: QueryBook
    private let logger: Logger
    private let current = Mutex<Snapshot?>(nil)
    /// Of the last attempt that failed; for `/readyz`.
    private let failure = Mutex<String?>(nil)

    init(options: ServerOptions, currency: String, logger: Logger) throws {
        folder = options.stateDirectory + "/warehouse"
        self.options = options
        self.currency = currency
        self.logger = logger
        book = try QueryBook()
    }

    /// nil before the first run has published.
    var snapshot: Snapshot? { current.withLock { $0 } }
    var problem: String? { failure.withLock { $0 } }

    /// Opens what the link names now, if it is another file than the one that is open.
    func refresh() async {
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/current") else {
            return
        }
        let id = URL(filePath: target).lastPathComponent
        guard id != snapshot?.id else { return }
        do {
            let next = try await Snapshot.open(
                path: target.hasPrefix("/") ? target : folder + "/" + target, id: id, book: book,
                readers: options.readers, nativeDirectory: options.nativeDirectory, currency: currency)
            exchange(next)
            failure.withLock { $0 = nil }
            logger.info("snapshot opened", metadata: ["snapshot": "\(id)"])
        } catch {
            let said = (error as? Diagnostic)?.description ?? "\(type(of: error))"
            // Said once for each cause: the watch tries again every second.
            if failure.withLock({ old in
                defer { old = said }; return old != said
            }) {
                logger.error("snapshot cannot be opened", metadata: ["snapshot": "\(id)", "error": "\(said)"])
            }
        }
    }

    /// Watches the link until the server stops.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.refresh()
                try? await Task.sleep(for: .seconds(self.options.watchSeconds))
            }
        }
    }

    /// Closes the snapshot; called when no request is left.
    func close() { exchange(nil) }

    /// The old one is let go outside of the lock: closing its file waits for the engine.
    private func exchange(_ next: Snapshot?) {
        let old = current.withLock { held in
            defer { held = next }
            return held
        }
        withExtendedLifetime(old) {}
    }
}
