import EngagementModel
import HTTPTypes
import Hummingbird
import Ledger

/// Questions of identity that a person settles; the answers bind the next run.
struct IdentityRoutes: Sendable {
    let pages: PageRenderer
    let context: ServerContext
    let store: SnapshotStore

    func add(to routes: Routes) {
        routes.guarded(.identity) { call in try await show(call) }
        routes.guarded(.settleIdentity) { call in
            guard let left = record(call.form, "left"), let right = record(call.form, "right"),
                let answer = call.form["answer"], answer == "same" || answer == "different"
            else {
                throw HTTPError(.badRequest, message: "The answer is not complete. Go back and choose again.")
            }
            // Only what was asked can be answered: a form names no records of its own.
            guard let snapshot = store.snapshot,
                try await IdentityReads(snapshot: snapshot).asks(left, right)
            else { throw HTTPError(.notFound) }
            try await context.ledger.answerIdentity(
                left: left, right: right, isSame: answer == "same", by: call.visit.identity.principal)
            return .seeOther(Operation.identity.path + "?done=" + answer)
        }
    }

    private func record(_ form: FormFields, _ side: String) -> (source: String, id: String)? {
        guard let source = form[side + "_source"], let id = form[side + "_id"], !source.isEmpty, !id.isEmpty,
            source.utf8.count <= 200, id.utf8.count <= 200
        else { return nil }
        return (source, id)
    }

    private func show(_ call: Call) async throws -> Response {
        var page = IdentityPage()
        page.csrf = call.visit.csrf
        let answers = try await context.ledger.identityAnswers()
        page.settled = answers.count
        switch call.query["done"] {
        case "same": page.said = "Noted: one person. The next run joins the records."
        case "different": page.said = "Noted: two people. The next run keeps them apart."
        default: break
        }
        if let snapshot = store.snapshot {
            let skip = min(1_000, max(0, call.query["skip"].flatMap { Int($0) } ?? 0))
            page.skip = skip
            (page.pair, page.open) = try await IdentityReads(snapshot: snapshot).next(answers, skip: skip)
        }
        return .html(
            try pages.document(
                "identity", page.view, title: "Identity", section: .identity, visit: call.visit,
                stamp: store.snapshot?.facts.stamp))
    }
}
