import Cycle
import EngagementModel
import Journeys
import Ledger
import Logging
import ServiceLifecycle

/// Carries out what is due, all the time, while the server runs; events move journeys and live decisions as they come.
actor EngageService: Service {
    private let engagement: Engagement
    private let pumps: [EventPump]
    private let seconds: Double
    private let logger: Logger
    private var failure: String?
    private var faults: [Diagnostic] = []

    init(_ engagement: Engagement, ledger: Ledger, desk: any LiveDesk, every seconds: Double, logger: Logger) {
        self.engagement = engagement
        pumps = [
            JourneyTriggers.pump(
                ledger: ledger, runner: { engagement.runner },
                failed: { logger.error("events do not reach journeys", metadata: ["code": "\($0)"]) }),
            LiveTriggers.pump(
                ledger: ledger, desk: desk,
                failed: { logger.error("events do not reach live decisions", metadata: ["code": "\($0)"]) }),
        ]
        self.seconds = seconds
        self.logger = logger
    }

    func run() async throws {
        for pump in pumps { try await pump.prepare() }
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for pump in self.pumps { group.addTask { try? await pump.run() } }
                while !Task.isCancelled {
                    await self.round()
                    try? await Task.sleep(for: .seconds(self.seconds))
                }
                group.cancelAll()
            }
        }
    }

    private func round() async {
        do {
            _ = try await engagement.round()
            failure = nil
            report(engagement.definitions.faults)
        } catch is CancellationError {
            return
        } catch {
            // A dead disk or a locked ledger stops sending; the next round tries again. Said once for each cause.
            let said = (error as? Diagnostic)?.description ?? "\(type(of: error))"
            if said != failure { logger.error("nothing is carried out", metadata: ["error": "\(said)"]) }
            failure = said
        }
    }

    /// Said once for each change of the files.
    private func report(_ found: [Diagnostic]) {
        guard found != faults else { return }
        for fault in found where !faults.contains(fault) {
            logger.error("a journey's file has mistakes; what it said before counts", metadata: ["error": "\(fault)"])
        }
        if found.isEmpty { logger.notice("the journeys' files have no mistakes any more") }
        faults = found
    }
}
