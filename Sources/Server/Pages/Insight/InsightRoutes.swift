import EngagementModel
import Hummingbird

/// What the insight step found, for those who steer.
struct InsightRoutes: Sendable {
    let pages: PageRenderer
    let store: SnapshotStore

    func add(to routes: Routes) {
        routes.guarded(.insight) { call in
            let snapshot = store.snapshot
            var page = InsightPage()
            page.filter = .init(call.query)
            let role = call.visit.identity.role
            page.showsHCPs = Operation.hcp.allows(role) && !role.isBoundToTerritory
            if let snapshot { try await InsightReads(snapshot: snapshot, role: role).fill(&page) }
            return .html(
                try pages.document(
                    "insight", page.view, title: "Insight", section: .insight, visit: call.visit,
                    stamp: snapshot?.facts.stamp))
        }
    }
}
