import EngagementModel
import Foundation
import Hummingbird
import Journeys
import Ledger

/// Journeys with their live counts, and the switch that stops one.
struct JourneyRoutes: Sendable {
    let pages: PageRenderer
    let ledger: Ledger
    let faults: @Sendable () -> [Diagnostic]

    func add(to routes: Routes) {
        routes.guarded(.journeys) { call in
            var rows: [JourneysPage.Row] = []
            for (definition, version) in try await newest() {
                rows.append(
                    .init(
                        definition: definition, version: version,
                        counts: try await ledger.journeyCounts(definition.id)))
            }
            let page = JourneysPage(rows: rows, faults: faults())
            return .html(
                try pages.document(
                    "journeys", page.view, title: "Journeys", section: .journeys, visit: call.visit))
        }
        routes.guarded(.journey) { call in
            let (definition, version) = try await find(call)
            let page = JourneyPage(
                definition: definition, version: version, counts: try await ledger.journeyCounts(definition.id),
                canPause: Operation.pauseJourney.allows(call.visit.identity.role), csrf: call.visit.csrf)
            return .html(
                try pages.document(
                    "journey", page.view, title: definition.title, section: .journeys, visit: call.visit))
        }
        routes.guarded(.pauseJourney) { call in
            let (definition, _) = try await find(call)
            try await ledger.setJourney(
                definition.id, paused: call.form["paused"] == "yes", by: call.visit.identity.principal)
            return .seeOther(Operation.journey.path.replacing("{id}", with: FormFields.encode(definition.id)))
        }
    }

    private func find(_ call: Call) async throws -> (JourneyDefinition, Int) {
        let id = FormFields.decode(try call.parameter("id"))
        guard let found = try await newest().first(where: { $0.0.id == id }) else { throw HTTPError(.notFound) }
        return found
    }

    /// The newest version of each journey that was ever registered, by title.
    private func newest() async throws -> [(JourneyDefinition, Int)] {
        var result: [String: (JourneyDefinition, Int)] = [:]
        for stored in try await ledger.journeyDefinitions() {
            guard let definition = try? JSONDecoder().decode(JourneyDefinition.self, from: Data(stored.body.utf8)),
                stored.version >= result[stored.journeyID]?.1 ?? 0
            else { continue }
            result[stored.journeyID] = (definition, stored.version)
        }
        return result.values.sorted { ($0.0.title, $0.0.id) < ($1.0.title, $1.0.id) }
    }
}
