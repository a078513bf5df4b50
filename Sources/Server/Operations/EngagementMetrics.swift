import Delivery
import EngagementModel
import Ledger

/// Events, journeys and delivery in the text format of Prometheus; labels hold codes and channels, nothing about people.
struct EngagementMetrics: Sendable {
    let context: ServerContext

    func text() async -> String {
        var lines = events()
        // A ledger that does not answer takes nothing away from the rest.
        if let figures = try? await context.ledger.figures() { lines += lags(figures) }
        lines += family("rapport_journey_steps_total", "counter", "Steps of journeys that are on disk.")
        lines.append("rapport_journey_steps_total \(context.journeySteps())")
        return (lines + delivery()).joined(separator: "\n") + "\n"
    }

    private func events() -> [String] {
        let figures = context.events.figures
        var lines = family("rapport_events_total", "counter", "Events by what became of them.")
        lines.append("rapport_events_total{result=\"stored\"} \(figures.stored)")
        lines.append("rapport_events_total{result=\"duplicate\"} \(figures.duplicates)")
        lines += family("rapport_events_rejected_total", "counter", "Events that were set aside, by reason.")
        for (code, count) in figures.rejected.sorted(by: { $0.key < $1.key }) {
            lines.append("rapport_events_rejected_total{reason=\"\(code)\"} \(count)")
        }
        lines += family("rapport_events_busy_total", "counter", "Batches that were told to come again.")
        lines.append("rapport_events_busy_total \(figures.busy)")
        lines += family("rapport_events_waiting", "gauge", "Events that wait for the disk.")
        lines.append("rapport_events_waiting \(context.events.waiting)")
        return lines
    }

    private func lags(_ figures: LedgerFigures) -> [String] {
        var lines = family("rapport_event_reader_events", "gauge", "Events that a reader has not taken yet.")
        for reader in figures.readers {
            lines.append("rapport_event_reader_events{reader=\"\(reader.name)\"} \(reader.events)")
        }
        lines += family(
            "rapport_event_reader_lag_seconds", "gauge", "Age of the oldest event that a reader has not taken.")
        for reader in figures.readers {
            lines.append("rapport_event_reader_lag_seconds{reader=\"\(reader.name)\"} \(reader.lag)")
        }
        lines += family("rapport_journey_timer_lag_seconds", "gauge", "How late the earliest timer of a journey is.")
        lines.append("rapport_journey_timer_lag_seconds \(figures.timerLag)")
        return lines
    }

    private func delivery() -> [String] {
        guard let figures = context.mail?.figures() else { return [] }
        var lines = family("rapport_messages_total", "counter", "Messages by channel and what became of them.")
        let sorted = figures.sorted {
            ($0.key.channel.rawValue, $0.key.result) < ($1.key.channel.rawValue, $1.key.result)
        }
        for (figure, count) in sorted {
            lines.append(
                "rapport_messages_total{channel=\"\(figure.channel)\",result=\"\(figure.result)\"} \(count)")
        }
        return lines
    }

    private func family(_ name: String, _ type: String, _ help: String) -> [String] {
        ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"]
    }
}
