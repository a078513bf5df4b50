import Cycle
import EngagementModel
import Server

/// Hands the reports of the cycle to the page of the field force.
enum FieldForceComposition {
    static func source(_ workspace: Workspace, now: @escaping @Sendable () -> Int64) throws -> FieldForceSource {
        let book = try DecisionBook(workspace: workspace, now: now)
        return FieldForceSource(
            figures: {
                var figures = figures(try await book.territoryReport())
                do {
                    add(try await book.cycleReport(), to: &figures)
                } catch let none as Diagnostic where none.code == "no_cycle" {}
                return figures
            },
            sizing: { sizing(try await book.sizingReport()) })
    }

    private static func figures(_ report: TerritoryReport) -> FieldForceFigures {
        var figures = FieldForceFigures(days: report.days)
        figures.reps = report.reps.map {
            .init(
                repID: $0.repID, territoryID: $0.territoryID, team: $0.team, hcps: $0.hcps, minutes: $0.minutes,
                used: $0.used, hourPrice: $0.hourPrice, hourPriceLow: $0.hourPriceLow,
                hourPriceHigh: $0.hourPriceHigh, anotherRepPerWeek: $0.anotherRepPerWeek, load: $0.load,
                loadAfter: $0.loadAfter)
        }
        figures.moves = report.proposals.map {
            .init(hcoID: $0.hcoID, name: $0.name, hcps: $0.hcps, load: $0.load, from: $0.from, to: $0.to)
        }
        figures.before = .init(imbalance: report.before.imbalance, kilometres: report.before.kilometres)
        figures.after = .init(imbalance: report.after.imbalance, kilometres: report.after.kilometres)
        figures.note = report.note
        return figures
    }

    private static func add(_ report: CycleReport, to figures: inout FieldForceFigures) {
        let elapsed = Int((report.elapsed * 100).rounded())
        figures.cycle = "\(report.cycle), \(report.start) to \(report.end): \(elapsed) % of it is over."
        figures.goals = report.goals.map {
            .init(
                name: $0.goal, channels: $0.channels, period: "\($0.start) to \($0.end)", hcps: $0.hcps,
                target: $0.target, due: $0.due, done: $0.done, planned: $0.planned, attainment: $0.attainment,
                onPace: $0.onPace, price: $0.price)
        }
        figures.people = report.hcps.map {
            .init(
                hcpID: $0.hcpID, repID: $0.repID, goal: $0.goal, least: $0.least, done: $0.done, planned: $0.planned,
                isOnPace: $0.isOnPace)
        }
    }

    private static func sizing(_ report: SizingReport) -> SizingFigures {
        SizingFigures(
            points: report.points.map {
                .init(capacity: $0.capacity, reps: $0.reps, value: $0.value, bound: $0.bound, visits: $0.visits)
            },
            priceLeft: report.minutePrices.compactMapValues { $0.now > 0 ? $0.doubled / $0.now : nil })
    }
}
