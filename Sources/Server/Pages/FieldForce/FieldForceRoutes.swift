import EngagementModel
import HTTPTypes
import Hummingbird
import Ledger

/// The page of those who lead the field, and their word on proposals.
struct FieldForceRoutes: Sendable {
    let pages: PageRenderer
    let context: ServerContext
    let store: SnapshotStore
    /// nil: no source of figures was given.
    let desk: FieldForceDesk?

    func add(to routes: Routes) {
        routes.guarded(.fieldForce) { call in try await show(call) }
        routes.guarded(.decideMoves) { call in try await decide(call) }
    }

    private func show(_ call: Call) async throws -> Response {
        var page = try await page(call)
        if call.query["curve"] != nil, page.figures != nil, let desk, let snapshot = store.snapshot {
            do {
                page.sizing = try await desk.sizing(snapshot.id)
            } catch let problem as Diagnostic {
                page.problem = problem.message
            }
        }
        switch call.query["done"].flatMap({ Int($0) }) {
        case let count? where count > 0:
            page.said = "Noted: \(Format.plural(count, "account")). It takes effect with the next run."
        case 0?: page.said = "That was decided already."
        default: break
        }
        return .html(
            try pages.document(
                "field-force", page.view, title: "Field force", section: .fieldForce, visit: call.visit,
                stamp: store.snapshot?.facts.stamp))
    }

    private func page(_ call: Call) async throws -> FieldForcePage {
        var page = FieldForcePage()
        page.csrf = call.visit.csrf
        page.currency = context.currency
        let identity = call.visit.identity
        page.canDecide = Operation.decideMoves.allows(identity.role)
        page.showsHCPs = Operation.hcp.allows(identity.role)
        guard let desk, let snapshot = store.snapshot, snapshot.facts.stamp != nil else { return page }
        let scope = Scope(identity, facts: snapshot.facts)
        let all = try await desk.figures(snapshot.id)
        let figures = all.seen(by: scope)
        page.figures = figures
        page.sizing = await desk.known(snapshot.id)
        page.repNames = snapshot.facts.reps.mapValues(\.name)
        page.accepted = try await accepted(all, scope)
        if page.showsHCPs {
            // Those who are listed: the ones behind, whose names are few.
            let behind = figures.people.filter { !$0.isOnPace && $0.done + $0.planned < $0.least }
                .sorted { ($1.least - $1.done - $1.planned, $0.hcpID) < ($0.least - $0.done - $0.planned, $1.hcpID) }
            page.hcpNames = try await snapshot.cards(of: behind.prefix(FieldForcePage.shown).map(\.hcpID))
                .mapValues(\.label)
        }
        return page
    }

    /// What was accepted and is not in the snapshot yet, with what the proposals say of it.
    private func accepted(_ figures: FieldForceFigures, _ scope: Scope) async throws -> [FieldForceFigures.Move] {
        try await context.ledger.accountMoves().filter { scope.allows(allOf: [$0.fromRep, $0.toRep]) }.map { move in
            figures.moves.first { $0.hcoID == move.hcoID && $0.from == move.fromRep && $0.to == move.toRep }
                ?? .init(hcoID: move.hcoID, name: nil, hcps: 0, load: 0, from: move.fromRep, to: move.toRep)
        }
    }

    /// Accepts one proposal, or all that are open, or takes one back.
    private func decide(_ call: Call) async throws -> Response {
        guard let desk, let snapshot = store.snapshot, let stamp = snapshot.facts.stamp else {
            throw HTTPError(.notFound)
        }
        let scope = Scope(call.visit.identity, facts: snapshot.facts)
        let figures = try await desk.figures(snapshot.id).seen(by: scope)
        let known = try await accepted(figures, scope)
        let accept = call.form["answer"] == "accept"
        guard accept || call.form["answer"] == "take_back" else {
            throw HTTPError(.badRequest, message: "The answer is not complete. Go back and choose again.")
        }
        // Only what was proposed can be accepted, and what was accepted taken back: a form names nothing of its own.
        let offered = accept ? figures.moves : known
        let chosen =
            call.form["all"] != nil && accept
            ? offered
            : offered.filter {
                $0.hcoID == call.form["account"] && $0.from == call.form["from"] && $0.to == call.form["to"]
            }
        guard !chosen.isEmpty else { throw HTTPError(.notFound) }
        let count = try await context.ledger.decideMoves(
            chosen.map { ($0.hcoID, $0.from, $0.to) }, accept: accept, runID: stamp.runID,
            by: call.visit.identity.principal)
        return .seeOther("\(Operation.fieldForce.path)?done=\(count)#alignment")
    }
}

extension FieldForceFigures {
    /// Leaders of a team see the team's reps, and moves among them.
    func seen(by scope: Scope) -> FieldForceFigures {
        guard case .reps = scope else { return self }
        var copy = self
        copy.reps = reps.filter { scope.allows(anyOf: [$0.repID]) }
        copy.moves = moves.filter { scope.allows(allOf: [$0.from, $0.to]) }
        copy.people = people.filter { person in person.repID.map { scope.allows(anyOf: [$0]) } ?? false }
        return copy
    }
}

extension Scope {
    func allows(allOf reps: [String]) -> Bool { reps.allSatisfy { allows(anyOf: [$0]) } }
}
