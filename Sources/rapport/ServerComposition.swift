import Content
import Cycle
import EngagementModel
import Foundation
import Journeys
import Ledger
import Logging
import Server
import ServiceLifecycle
import Warehouse

/// Puts the server together: the only place that knows the workspace, the ledger and the pages.
enum ServerComposition {
    /// In the order in which they start; the server comes last and stops first.
    static func services(
        workspace: Workspace, host: String, port: Int, now: @escaping @Sendable () -> Int64, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void
    ) async throws -> [any Service] {
        let ledger = try workspace.openLedger(now: now)
        let planner = WhatIfPlanner(workspace: workspace, ledger: ledger, now: now)
        let strategy = workspace.strategy
        var context = ServerContext(strategy: strategy, ledger: ledger, now: now, logger: logger)
        context.contactRules = workspace.contact.rules
        context.currency = workspace.settings.currency
        context.company = workspace.settings.name
        context.doubleOptIn = workspace.contact.doubleOptIn
        context.markets = Dictionary(workspace.markets.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })
        let desk = PlanDesk(workspace: workspace, ledger: ledger, now: now)
        context.live = desk
        context.content = ContentDesk(folder: workspace.root.appending(path: "content"), ledger: ledger)
        context.fieldForce = try FieldForceComposition.source(workspace, now: now)
        context.whatIf = { change in
            let start = ContinuousClock.now
            let (before, after) = try await planner.compare(change.applied(to: strategy))
            let duration = (ContinuousClock.now - start).components
            return WhatIfResult(
                before: figures(before), after: figures(after),
                seconds: Double(duration.seconds) + Double(duration.attoseconds) / 1e18)
        }
        var options = ServerOptions(stateDirectory: workspace.stateDirectory.path)
        options.host = host
        options.port = port
        options.sourceLimits = workspace.settings.eventSources.mapValues { source in
            var limits = EventLimits()
            limits.bodyBytes = source.bodyBytes ?? limits.bodyBytes
            limits.eventBytes = source.eventBytes ?? limits.eventBytes
            limits.events = source.events ?? limits.events
            limits.perSecond = source.perSecond
            return limits
        }
        options.nativeDirectory =
            workspace.settings.nativeDirectory
            ?? DriverLocation.nativeDirectory(environment: ProcessInfo.processInfo.environment)
        // One of two cores at most, in short bites: what is due can wait a moment, a page cannot.
        let engagement = Engagement(
            workspace: workspace, ledger: ledger, desk: desk, batch: 100, rest: { try await Task.sleep(for: $0) },
            now: now)
        context.journeysOfContent = { engagement.definitions.journeysOfContent }
        context.journeySteps = { engagement.tally.steps }
        context.journeyFaults = { engagement.definitions.faults }
        let inquiries = try InquiryRoom.desk(workspace, ledger: ledger, engagement: engagement)
        context.inquiries = inquiries
        context.answers = engagement
        let delivery = try await DeliveryComposition.make(
            workspace: workspace, ledger: ledger, policy: workspace.claimPolicy, composer: engagement,
            sink: LedgerSink(ledger), inquiries: inquiries, now: now, logger: logger)
        context.mail = delivery.mail
        return [
            delivery.service,
            EngageService(engagement, ledger: ledger, desk: desk, every: 1, logger: logger),
            try RapportServer(options, context, onListening: onListening),
        ]
    }

    private static func figures(_ plan: WhatIfPlanner.Figures) -> WhatIfPlan {
        WhatIfPlan(
            touches: plan.touches, value: plan.value, cost: plan.cost, hcps: plan.hcps, refusals: plan.refusals)
    }
}
