import EngagementModel
import HTTPTypes
import Hummingbird

/// Finding an HCP, and everything about one.
struct HCPRoutes: Sendable {
    let pages: PageRenderer
    let context: ServerContext
    let store: SnapshotStore

    func add(to routes: Routes) {
        routes.guarded(.hcpSearch) { call in
            var page = SearchPage()
            page.text = call.query["q"].map { String($0.prefix(80)) }
            let snapshot = store.snapshot
            if let snapshot {
                let number = min(100_000, call.query["page"].flatMap { Int($0) } ?? 1)
                page = try await SearchReads(snapshot: snapshot, identity: call.visit.identity)
                    .page(text: page.text, page: number)
            }
            return .html(
                try pages.document(
                    "search", page.view, title: "HCPs", section: .hcp, visit: call.visit,
                    stamp: snapshot?.facts.stamp))
        }
        routes.guarded(.hcp) { call in
            let id = try call.parameter("id")
            guard let snapshot = store.snapshot,
                let page = try await HCPReads(context: context, snapshot: snapshot, identity: call.visit.identity)
                    .page(id, filter: TimelineFilter(call.query), question: call.query)
            else { throw HTTPError(.notFound) }
            return .html(
                try pages.document(
                    "hcp", page.view, title: page.hcp.label.name, section: .hcp, visit: call.visit,
                    stamp: snapshot.facts.stamp))
        }
    }
}
