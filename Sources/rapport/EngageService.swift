import Cycle
import EngagementModel
import Logging
import ServiceLifecycle

/// Carries out what is due, all the time, while the server runs.
actor EngageService: Service {
    private let engagement: Engagement
    private let seconds: Double
    private let logger: Logger
    private var failure: String?

    init(_ engagement: Engagement, every seconds: Double, logger: Logger) {
        self.engagement = engagement
        self.seconds = seconds
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.round()
                try? await Task.sleep(for: .seconds(self.seconds))
            }
        }
    }

    private func round() async {
        do {
            _ = try await engagement.round()
            failure = nil
        } catch {
            // A dead disk or a locked ledger stops sending; the next round tries again. Said once for each cause.
            let said = (error as? Diagnostic)?.description ?? "\(type(of: error))"
            if said != failure { logger.error("nothing is carried out", metadata: ["error": "\(said)"]) }
            failure = said
        }
    }
}
