import EngagementModel
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Keeps the live desk and the keys up to date, and writes what waits when the server stops.
final class LiveService: Service, Sendable {
    private let desk: any LiveDesk
    private let ring: KeyRing
    private let seconds: Double
    private let logger: Logger
    private let failure = Mutex<String?>(nil)

    init(desk: any LiveDesk, ring: KeyRing, seconds: Double, logger: Logger) {
        self.desk = desk
        self.ring = ring
        self.seconds = seconds
        self.logger = logger
    }

    func refresh() async {
        do {
            try await ring.refresh()
            try await desk.refresh()
            failure.withLock { $0 = nil }
        } catch is CancellationError {
            return
        } catch {
            let said = (error as? Diagnostic)?.description ?? "\(type(of: error))"
            // Said once for each cause: the next attempt comes in a second.
            let isNew = failure.withLock { old in
                defer { old = said }
                return old != said
            }
            if isNew { logger.error("live decisions cannot keep up", metadata: ["error": "\(said)"]) }
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.refresh()
                try? await Task.sleep(for: .seconds(self.seconds))
            }
        }
        // The door is closed before this service is asked to stop: nothing comes after what is written here.
        do { try await desk.finish() } catch {
            let said = (error as? Diagnostic)?.description ?? "\(type(of: error))"
            logger.error("live decisions could not be written down", metadata: ["error": "\(said)"])
        }
    }
}
