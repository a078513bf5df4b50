package import EngagementModel
package import Journeys
package import Ledger

/// All journeys in one table: who is on them, how they ended.
package struct JourneysPage: Sendable {
    package struct Row: Sendable {
        package var definition: JourneyDefinition
        package var version: Int
        package var counts: JourneyCounts
    }

    package var rows: [Row]
    /// What is wrong with the files.
    package var faults: [Diagnostic] = []

    var view: View {
        .with { view in
            view.set(
                "faults",
                faults.map { fault in
                    .with {
                        $0.set(
                            "faultPlace",
                            [fault.file ?? "", fault.line.map { "line \($0)" } ?? ""].filter { !$0.isEmpty }.joined(
                                separator: ", "))
                        $0.set("faultMessage", fault.message)
                        $0.set("faultRemedy", fault.remedy)
                    }
                })
            view.set(
                "journeys",
                rows.map { row in
                    .with {
                        $0.set("journeyTitle", row.definition.title)
                        $0.set(
                            "journeyPath",
                            Operation.journey.path.replacing("{id}", with: FormFields.encode(row.definition.id)))
                        $0.set("journeyPurpose", Format.label(row.definition.purpose.rawValue))
                        $0.set("journeyEntry", JourneyPage.entry(row.definition.entry))
                        $0.set("journeyVersion", row.version)
                        $0.set("journeyOn", Format.count(row.counts.running))
                        $0.set("journeyEnded", Format.count(row.counts.finished))
                        $0.set("journeyGoal", Format.count(row.counts.reached))
                        let share = Double(row.counts.reached) / Double(max(1, row.counts.finished))
                        $0.set("journeyShare", row.counts.finished > 0 ? Format.percent(share) : "–")
                        if row.counts.isPaused { $0.set("journeyPaused", true) }
                    }
                })
        }
    }
}

/// One journey: its graph with live counts, how it ended, and a way to stop it.
package struct JourneyPage: Sendable {
    package var definition: JourneyDefinition
    package var version: Int
    package var counts: JourneyCounts
    package var canPause: Bool
    package var csrf: String

    var view: View {
        let graph = JourneyGraph(definition)
        var present: [String: Int] = [:]
        for steps in counts.present.values { present.merge(steps, uniquingKeysWith: +) }
        let older = counts.present.filter { $0.key != version }.values.flatMap(\.values).reduce(0, +)
        return .with { view in
            view.set("journeyTitle", definition.title)
            view.set(
                "facts",
                [
                    "\(Format.label(definition.purpose.rawValue))", "version \(version)",
                    Self.entry(definition.entry), definition.goal.map { "goal: \(Format.label($0.name).lowercased())" },
                    older > 0 ? "\(Format.plural(older, "HCP")) on earlier versions" : nil,
                ].compactMap { $0 })
            view.set("graphMarkup", JourneyDrawing.draw(graph, title: definition.title, present: present))
            view.set("stepTable", stepTable(graph, present).view)
            view.set("outcomeTable", outcomeTable.map(\.view))
            if counts.isPaused { view.set("isPaused", true) }
            if canPause {
                view.set("canPause", true)
                view.set("csrf", csrf)
                view.set(
                    "pausePath", Operation.pauseJourney.path.replacing("{id}", with: FormFields.encode(definition.id)))
            }
        }
    }

    private func stepTable(_ graph: JourneyGraph, _ present: [String: Int]) -> DataTable {
        DataTable(
            caption: "Steps, and HCPs who are there now",
            columns: [.init("Step"), .init("What happens"), .init("Then"), .init("HCPs", number: true)],
            rows: graph.steps.map { step in
                let ways = graph.edges.filter { $0.from == step.id }
                    .map { $0.words.isEmpty ? $0.to : "\($0.to) (\($0.words))" }
                return [
                    step.id, step.words, ways.isEmpty ? "–" : ways.joined(separator: "; "),
                    Format.count(present[step.id] ?? 0),
                ]
            })
    }

    private var outcomeTable: DataTable? {
        var ended: [String: Int] = [:]
        for outcomes in counts.ended.values { ended.merge(outcomes, uniquingKeysWith: +) }
        guard !ended.isEmpty else { return nil }
        return DataTable(
            caption: "How it ended, all versions", columns: [.init("Outcome"), .init("HCPs", number: true)],
            rows: ended.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                [Format.label($0.key.replacing(":", with: ": ")), Format.count($0.value)]
            })
    }

    static func entry(_ entry: JourneyEntry) -> String {
        let again = entry.again.map { ", again after \(JourneyGraph.words($0))" } ?? ", once"
        switch entry.door {
        case .segment(let id): return "segment \(id)\(again)"
        case .event(let match): return "event \(Format.label(match.name).lowercased())\(again)"
        case .schedule(_, let every, let id): return "segment \(id) every \(JourneyGraph.words(every))"
        }
    }
}

extension JourneyCounts {
    var running: Int { present.values.flatMap(\.values).reduce(0, +) }
    var finished: Int { ended.values.flatMap(\.values).reduce(0, +) }
    var reached: Int {
        ended.values.flatMap { $0 }.filter { $0.key.hasPrefix("goal") }.map(\.value).reduce(0, +)
    }
    var isPaused: Bool { paused > 0 }
}
