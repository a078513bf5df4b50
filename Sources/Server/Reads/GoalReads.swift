package import EngagementModel
import Warehouse

/// How far a goal of the cycle plan is reached, with one HCP or with all of a rep.
package struct GoalState: Sendable, Hashable {
    package var name: String
    /// Empty = not told.
    package var channels: [Channel]
    /// HCPs; nil for one.
    package var hcps: Int?
    package var target: Int
    package var most: Int?
    /// Due by now, done, planned.
    package var due: Double
    package var done: Int
    package var planned: Int?
    package var end: Day?

    /// Whole touches that are due and were not done.
    var lack: Int { max(0, Int(due.rounded(.down)) - done) }

    /// `Launch: 1 of 3 visits done by 30 Sep 2026, 1 behind, 2 planned.`
    var sentence: String {
        let what = channels.map { $0.title.lowercased() }.sorted().joined(separator: " or ")
        let until = end.map { " until \(Format.day($0))" } ?? ""
        var parts = ["\(Format.label(name)): \(done) of \(target)\(what.isEmpty ? "" : " by \(what)")\(until)"]
        parts.append(lack > 0 ? "\(lack) behind the pace" : "on pace")
        if let planned { parts.append("\(planned) planned") }
        if let most { parts.append(done >= most ? "no more allowed" : "at most \(most)") }
        return parts.joined(separator: ", ") + "."
    }

    /// `Launch 12 of 40, 18 due`.
    var short: String {
        "\(Format.label(name)): \(Format.count(done)) of \(Format.count(target)), \(Format.count(Int(due))) due"
    }
}

/// Reads goals as the last run counted them.
struct GoalReads: Sendable {
    let snapshot: Snapshot

    func goals(ofRep rep: String) async throws -> [GoalState] {
        guard let table = try await snapshot.rows("today-goals", [.text(rep)]) else { return [] }
        let (hcps, targets) = (try table.int64s("hcps"), try table.int64s("target"))
        let (done, due) = (try table.int64s("done"), try table.int64s("due"))
        return try table.texts("goal").enumerated().map { row, name in
            GoalState(
                name: name, channels: [], hcps: Int(hcps[row]), target: Int(targets[row]), due: Double(due[row]),
                done: Int(done[row]))
        }
    }

    func goals(ofHCP no: SQLValue) async throws -> [GoalState] {
        guard let table = try await snapshot.rows("hcp-goals", [no]), table.rowCount > 0 else { return [] }
        let planned = try await planned(no)
        let (channels, least) = (try table.texts("channels"), try table.int64s("least"))
        let (most, done) = (try table.ints("most"), try table.int64s("done"))
        let (ends, due) = (try table.days("end_day"), try table.doubles("due"))
        return try table.texts("goal").enumerated().map { row, name in
            let names = channels[row].split(separator: ";").map(String.init)
            let count = planned.count { touch in
                names.contains(touch.channel) && ends[row].map { touch.day <= $0 } ?? false
            }
            return GoalState(
                name: name, channels: names.compactMap { Channel(rawValue: $0) }, target: Int(least[row]),
                most: most[row].map { Int($0) }, due: due[row], done: Int(done[row]), planned: count, end: ends[row])
        }
    }

    private func planned(_ no: SQLValue) async throws -> [(day: Day, channel: String)] {
        guard let table = try await snapshot.rows("hcp-planned", [no]) else { return [] }
        return zip(try table.days("day"), try table.strings("channel")).compactMap { day, channel in
            if let day, let channel { (day, channel) } else { nil }
        }
    }
}
