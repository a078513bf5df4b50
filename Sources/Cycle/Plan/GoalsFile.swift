internal import Definitions
internal import EngagementModel
internal import Foundation

/// Reads `goals.csv`: goals of touches by HCP or segment, as a brand team's planning sheet has them.
///
/// ```
/// goal,hcp_id,segment,channel,min,max,start,end
/// launch,H000123,,in_person,3,5,2026-07-01,2026-09-30
/// launch,,cardiology,in_person;video,2,,,
/// ```
/// `goal`, `max`, `start` and `end` may be left out; the period is then the cycle's. Lines of one name, channel and
/// period are one goal: its floor and ceiling in the plan hold over its HCPs, each with the own counts. A comma, a
/// quotation mark or a line break in a cell is quoted as in RFC 4180.
enum GoalsFile {
    static let name = "goals.csv"
    private static let columns = ["goal", "hcp_id", "segment", "channel", "min", "max", "start", "end"]

    static func read(_ root: URL, cycle: CyclePlan?, log: YAMLReader.DiagnosticLog) -> [CyclePlan.ListedGoal] {
        guard let data = FileManager.default.contents(atPath: root.appending(path: name).path) else { return [] }
        guard let text = String(validating: data, as: UTF8.self), !text.contains("\0") else {
            log.diagnostics.append(
                Diagnostic("not_utf8", "is not UTF-8 text", file: name, line: 1, column: 1, remedy: "save it as UTF-8"))
            return []
        }
        return read(text, cycle: cycle, log: log)
    }

    static func read(_ text: String, cycle: CyclePlan?, log: YAMLReader.DiagnosticLog) -> [CyclePlan.ListedGoal] {
        var reader = Reader(log: log, cycle: cycle)
        let lines = PlacedCSV.read(text)
        guard let head = lines.first else {
            reader.report("empty_file", "holds no header", PlacedCSV.Cell(text: "", line: 1, column: 1))
            return []
        }
        guard reader.takeHeader(head) else { return [] }
        for line in lines.dropFirst() where line.contains(where: { !$0.text.isEmpty }) { reader.take(line) }
        return reader.goals
    }

    /// One pass over the file; a line with a mistake is left out of the goals, and every mistake is told.
    private struct Reader {
        let log: YAMLReader.DiagnosticLog
        let cycle: CyclePlan?
        var goals: [CyclePlan.ListedGoal] = []
        private var places: [String: Int] = [:]
        private var width = 0
        /// Goal and HCP or segment, by the line that has them.
        private var seen: [String: Int] = [:]

        init(log: YAMLReader.DiagnosticLog, cycle: CyclePlan?) {
            self.log = log
            self.cycle = cycle
        }

        func report(_ code: String, _ message: String, _ cell: PlacedCSV.Cell, remedy: String? = nil) {
            log.diagnostics.append(
                Diagnostic(
                    code, message, file: GoalsFile.name, line: cell.line, column: cell.column, remedy: remedy))
        }

        mutating func takeHeader(_ cells: [PlacedCSV.Cell]) -> Bool {
            let before = log.diagnostics.count
            width = cells.count
            for (place, cell) in cells.enumerated() {
                let key = cell.text.lowercased()
                if !GoalsFile.columns.contains(key) {
                    report(
                        "unknown_column", "the column `\(cell.text)` is not known", cell,
                        remedy: nearest(key, GoalsFile.columns).map { "did you mean `\($0)`?" })
                } else if places.updateValue(place, forKey: key) != nil {
                    report("duplicate_column", "the column `\(key)` stands twice", cell, remedy: "keep one of them")
                }
            }
            for key in ["channel", "min"] where places[key] == nil {
                report("missing_column", "the column `\(key)` is required", cells[0])
            }
            if places["hcp_id"] == nil, places["segment"] == nil {
                report("missing_column", "a column `hcp_id` or `segment` is required", cells[0])
            }
            return log.diagnostics.count == before
        }

        mutating func take(_ line: [PlacedCSV.Cell]) {
            let first = line[0]
            guard line.count == width else {
                report("bad_line", "the line has \(line.count) cells, the header \(width)", first)
                return
            }
            let before = log.diagnostics.count
            func cell(_ key: String) -> PlacedCSV.Cell? {
                places[key].map { line[$0] }.flatMap { $0.text.isEmpty ? nil : $0 }
            }
            let (person, segment) = (cell("hcp_id"), cell("segment"))
            if (person == nil) == (segment == nil) {
                report(
                    "bad_line", "a goal is for one HCP or for one segment", person ?? first,
                    remedy: "fill in either hcp_id or segment")
            }
            let channels = channels(cell("channel"), first)
            let least = count(cell("min"), first, required: true)
            let most = count(cell("max"), first, required: false)
            if let least, let most, most < least, let at = cell("max") {
                report("out_of_range", "`max` lies below `min`", at)
            }
            let start = day(cell("start")) ?? cycle?.start
            let end = day(cell("end")) ?? cycle?.end
            if start == nil || end == nil, log.diagnostics.count == before {
                report(
                    "missing_period", "the goal has no period, and strategy.yaml no cycle to take it from", first,
                    remedy: "fill in start and end, or add `cycle:` to strategy.yaml")
            }
            if let start, let end, end < start { report("out_of_range", "the period ends before it begins", first) }
            guard log.diagnostics.count == before, let least, let start, let end else { return }
            let title =
                cell("goal")?.text
                ?? channels.map(\.title).sorted().joined(separator: ", ").lowercased()
            let row = CyclePlan.ListedGoal.Row(
                hcpID: person?.text, segment: segment?.text, least: least, most: most, line: first.line)
            let subject = "\(title)\u{1f}\(person?.text ?? "")\u{1f}\(segment?.text.lowercased() ?? "")"
            if let earlier = seen.updateValue(first.line, forKey: subject) {
                report(
                    "duplicate_row", "line \(earlier) sets the same goal for the same one", first,
                    remedy: "keep one of them")
                return
            }
            add(row, title, channels, start, end, first)
        }

        private mutating func add(
            _ row: CyclePlan.ListedGoal.Row, _ title: String, _ channels: Set<Channel>, _ start: Day, _ end: Day,
            _ at: PlacedCSV.Cell
        ) {
            if let cycle, cycle.goals.contains(where: { $0.name == title }) {
                report("duplicate_key", "strategy.yaml has a goal of that name", at, remedy: "give each its own name")
                return
            }
            guard let place = goals.firstIndex(where: { $0.name == title }) else {
                guard goals.count < GoalsFile.mostGoals else {
                    report(
                        "too_many_goals", "a plan takes \(GoalsFile.mostGoals) goals of a file", at,
                        remedy: "give lines that belong together one name")
                    return
                }
                goals.append(.init(name: title, channels: channels, start: start, end: end, rows: [row]))
                return
            }
            guard goals[place].channels == channels, goals[place].start == start, goals[place].end == end else {
                report(
                    "goal_differs", "a goal of that name has other channels or another period above", at,
                    remedy: "give it another name")
                return
            }
            goals[place].rows.append(row)
        }

        private func channels(_ cell: PlacedCSV.Cell?, _ first: PlacedCSV.Cell) -> Set<Channel> {
            guard let cell else {
                report("missing_value", "`channel` is empty", first)
                return []
            }
            var result: Set<Channel> = []
            for part in cell.text.split(separator: ";") {
                let name = part.trimmingCharacters(in: .whitespaces)
                guard let group = Channel.group(name) else {
                    let all = ["any", "human", "digital"] + Channel.allCases.map(\.rawValue)
                    report(
                        "unknown_channel", "`\(name)` is no channel", cell,
                        remedy: nearest(name, all).map { "did you mean `\($0)`?" })
                    continue
                }
                result.formUnion(group)
            }
            return result
        }

        private func count(_ cell: PlacedCSV.Cell?, _ first: PlacedCSV.Cell, required: Bool) -> Int? {
            guard let cell else {
                if required { report("missing_value", "`min` is empty", first) }
                return nil
            }
            guard let number = Int(cell.text), (0...1000).contains(number) else {
                report("bad_value", "expected a whole number from 0 to 1000", cell)
                return nil
            }
            return number
        }

        private func day(_ cell: PlacedCSV.Cell?) -> Day? {
            guard let cell else { return nil }
            guard let day = Day(cell.text) else {
                report("bad_value", "expected a day such as 2026-07-01", cell)
                return nil
            }
            return day
        }
    }

    /// Each goal is a shared limit of the planner, whose joint step grows with their number.
    static let mostGoals = 40
}

/// Comma-separated values whose cells know where they stand.
enum PlacedCSV {
    struct Cell: Sendable, Hashable {
        var text: String
        /// From 1; the column counts characters of the line.
        var line: Int
        var column: Int
    }

    /// Lines with their cells, spaces around them taken off; an unclosed quotation mark runs to the end.
    static func read(_ text: String) -> [[Cell]] {
        var rows: [[Cell]] = []
        var row: [Cell] = []
        var (line, column) = (1, 1)
        var cell = Cell(text: "", line: 1, column: 1)
        var isQuoted = false
        let characters = Array(text.hasPrefix("\u{feff}") ? String(text.dropFirst()) : text)
        func finish() {
            cell.text = cell.text.trimmingCharacters(in: .whitespaces)
            row.append(cell)
        }
        var place = 0
        while place < characters.count {
            let character = characters[place]
            place += 1
            column += 1
            if isQuoted {
                if character == "\"" {
                    if place < characters.count, characters[place] == "\"" {
                        cell.text.append("\"")
                        place += 1
                        column += 1
                    } else {
                        isQuoted = false
                    }
                    continue
                }
                cell.text.append(character)
                if character.isNewline { (line, column) = (line + 1, 1) }
                continue
            }
            if character == "\"", cell.text.allSatisfy({ $0 == " " }) {
                cell.text = ""
                isQuoted = true
            } else if character == "," {
                finish()
                cell = Cell(text: "", line: line, column: column)
            } else if character.isNewline {
                finish()
                rows.append(row)
                row = []
                (line, column) = (line + 1, 1)
                cell = Cell(text: "", line: line, column: 1)
            } else {
                cell.text.append(character)
            }
        }
        if !row.isEmpty || !cell.text.isEmpty {
            finish()
            rows.append(row)
        }
        return rows
    }
}
