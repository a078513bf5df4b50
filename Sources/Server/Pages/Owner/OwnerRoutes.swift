import EngagementModel
import HTTPTypes
import Hummingbird
import Synchronization

/// The console: reach, plan, what-if, data.
struct OwnerRoutes: Sendable {
    let pages: PageRenderer
    let context: ServerContext
    let store: SnapshotStore
    let desk: WhatIfDesk

    func add(to routes: Routes) {
        routes.guarded(.owner) { call in
            let snapshot = store.snapshot
            var page = snapshot?.console.owner ?? OwnerPage()
            let role = call.visit.identity.role
            // Examples name HCPs: only for people who may see every HCP.
            page.showsHCPs = Operation.hcp.allows(role) && !role.isBoundToTerritory
            page.showsData = Operation.catalogue.allows(role)
            if snapshot?.facts.stamp != nil, context.whatIf != nil, Operation.whatIf.allows(role) {
                page.whatIf = blankForm()
            }
            let key = "owner \(page.showsHCPs) \(page.showsData) \(page.whatIf != nil)"
            let body = try kept(key, snapshot) { try pages.fragment("owner", page.view) }
            return .html(
                try pages.frame(
                    body, title: "Reach and plan", section: .owner, visit: call.visit, stamp: page.stamp))
        }
        routes.guarded(.whatIf) { call in try await recompute(call) }
        routes.guarded(.catalogue) { call in
            let snapshot = store.snapshot
            let page = snapshot?.console.catalogue ?? CataloguePage()
            let body = try kept("catalogue", snapshot) { try pages.fragment("catalogue", page.view) }
            return .html(
                try pages.frame(
                    body, title: "Data", section: .catalogue, visit: call.visit, stamp: snapshot?.facts.stamp))
        }
    }

    /// A body that is the same for everybody is written once for each snapshot.
    private func kept(_ key: String, _ snapshot: Snapshot?, _ make: () throws -> String) throws -> String {
        guard let snapshot else { return try make() }
        if let body = snapshot.bodies.withLock({ $0[key] }) { return body }
        let body = try make()
        snapshot.bodies.withLock { $0[key] = body }
        return body
    }

    private func blankForm() -> WhatIfForm {
        var form = WhatIfForm(strategy: context.strategy)
        form.currency = context.currency
        return form
    }

    private func recompute(_ call: Call) async throws -> Response {
        let snapshot = store.snapshot
        var view = View()
        if let snapshot, let stamp = snapshot.facts.stamp, let whatIf = context.whatIf {
            var form = blankForm()
            form.read(call.query)
            if form.problems.isEmpty {
                do {
                    form.result = try await desk.result(form.change, snapshot: snapshot.id, whatIf)
                } catch let problem as Diagnostic {
                    form.problems = [problem.message]
                }
            }
            if call.wantsFragment { return .html(try pages.fragment("what-if", form.view)) }
            view.set("whatIf", form.view)
            return .html(
                try pages.document(
                    "what-if-page", view, title: "What if", section: .owner, visit: call.visit, stamp: stamp))
        }
        return .html(
            try pages.document("what-if-page", view, title: "What if", section: .owner, visit: call.visit))
    }
}

/// Recomputing a plan takes both processors: one at a time, and no question twice.
actor WhatIfDesk {
    private struct Key: Hashable {
        var snapshot: String
        var change: WhatIfChange
    }

    private var known: [Key: WhatIfResult] = [:]
    private var order: [Key] = []
    private var isBusy = false

    /// - Throws: `what_if_busy` when another question is being worked on.
    func result(_ change: WhatIfChange, snapshot: String, _ whatIf: WhatIf) async throws -> WhatIfResult {
        let key = Key(snapshot: snapshot, change: change)
        if let found = known[key] { return found }
        guard !isBusy else {
            throw Diagnostic("what_if_busy", "Another plan is being recomputed. Please try again in a moment.")
        }
        isBusy = true
        defer { isBusy = false }
        let result = try await whatIf(change)
        known[key] = result
        order.append(key)
        if order.count > 200 { known[order.removeFirst()] = nil }
        return result
    }
}
