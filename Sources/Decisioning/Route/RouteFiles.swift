import EngagementModel
import Foundation

/// The published text formats of routing problems.
package enum RouteFiles {
    /// Solomon's format: name, number and capacity of the vehicles, then one line a customer, the depot first.
    package static func solomon(_ text: String) throws -> RouteProblem {
        let lines = try numberLines(text, heading: 7)
        guard let fleet = lines.first(where: { $0.numbers.count == 2 }) else {
            throw Diagnostic(
                "bad_format", "there is no line with the number and the capacity of the vehicles", line: 1,
                remedy: "Solomon's format has it below VEHICLE")
        }
        let rows = lines.filter { $0.line > fleet.line }
        for row in rows where row.numbers.count != 7 {
            throw Diagnostic(
                "bad_line", "a customer has 7 numbers, this line has \(row.numbers.count)", line: row.line,
                remedy: "number, x, y, demand, ready time, due date, service time")
        }
        guard let depot = rows.first else {
            throw Diagnostic(
                "no_customers", "there is no depot and no customer", line: fleet.line,
                remedy: "write the depot and the customers below the vehicles")
        }
        let count = try whole(fleet.numbers[0], "the number of vehicles", fleet.line)
        return try distinct(
            RouteProblem(
                customers: rows.dropFirst().map { row in
                    let n = row.numbers
                    return RouteProblem.Customer(
                        id: name(n[0]), place: .init(x: n[1], y: n[2]), demand: n[3], service: n[6], ready: n[4],
                        due: n[5],
                        line: row.line)
                },
                fleets: [
                    RouteProblem.Fleet(
                        depot: .init(x: depot.numbers[1], y: depot.numbers[2]), count: count,
                        capacity: fleet.numbers[1],
                        open: depot.numbers[4], close: depot.numbers[5])
                ]))
    }

    /// Cordeau's format with visit frequencies, or its successor with several depots and kinds of vehicles.
    ///
    /// Cordeau: `1 vehicles customers days`, a line `duration load` a day, the depot, then customers as
    /// `i x y service demand frequency sets set…`. Successor (hsdmdmtpvrp): `days kinds customers depots duration`, a line
    /// `kind count capacity speed fixed-cost cost-per-distance` a kind, customers as
    /// `i x y demand service frequency sets set… kinds`, then the depots. Sets of days and of kinds are binary numbers whose
    /// highest bit is the first. There, each of a vehicle's trips is planned as a route of its own.
    package static func cordeau(_ text: String) throws -> RouteProblem {
        let lines = try numberLines(text, heading: nil)
        guard let head = lines.first else {
            throw Diagnostic(
                "empty_file", "the file holds no number", line: 1, remedy: "give a file in Cordeau's format")
        }
        switch head.numbers.count {
        case 4: return try periodic(head, Array(lines.dropFirst()))
        case 5: return try fleets(head, Array(lines.dropFirst()))
        default:
            throw Diagnostic(
                "bad_format", "the first line has \(head.numbers.count) numbers, Cordeau's format has 4 or 5",
                line: head.line, remedy: "write type, vehicles, customers, days or depots")
        }
    }

    /// Two customers of one number could not be told apart in the answer.
    private static func distinct(_ problem: RouteProblem) throws -> RouteProblem {
        var seen: Set<String> = []
        for customer in problem.customers where !seen.insert(customer.id).inserted {
            throw Diagnostic(
                "duplicate_key", "the number of this customer stands above already", line: customer.line,
                remedy: "give every customer a number of its own")
        }
        return problem
    }

    private struct Line {
        var line: Int
        var numbers: [Double]
    }

    private static func periodic(_ head: Line, _ lines: [Line]) throws -> RouteProblem {
        let kind = try whole(head.numbers[0], "the type", head.line)
        guard kind == 1 || kind == 0 else {
            throw Diagnostic(
                "unknown_type", "type \(kind) is not read", line: head.line, remedy: "0 (routes) and 1 (periodic) are")
        }
        let vehicles = try whole(head.numbers[1], "the number of vehicles", head.line)
        let customers = try whole(head.numbers[2], "the number of customers", head.line)
        let days = try dayCount(head.numbers[3], head.line)
        guard lines.count >= days + 1 + customers else {
            throw Diagnostic(
                "truncated",
                "\(days) days, a depot and \(customers) customers are announced, \(lines.count) lines follow",
                line: lines.last?.line ?? head.line, remedy: "write as many lines as the first one announces")
        }
        guard lines[0].numbers.count == 2, lines[days].numbers.count >= 3 else {
            throw Diagnostic(
                "bad_line", "a day has a duration and a load, the depot a number and a place", line: lines[0].line,
                remedy: "write the days, then the depot")
        }
        try nothingFollows(lines, days + 1 + customers, "\(days) days, a depot and \(customers) customers")
        // Days may differ in the format; the published instances do not use it.
        for day in 1..<max(1, days) where lines[day].numbers != lines[0].numbers {
            throw Diagnostic(
                "unequal_days", "days with limits of their own are not read", line: lines[day].line,
                remedy: "give every day the same limits")
        }
        let (duration, load) = (lines[0].numbers[0], lines[0].numbers[1])
        let depot = lines[days].numbers
        let fleet = RouteProblem.Fleet(
            depot: .init(x: depot[1], y: depot[2]), count: vehicles,
            capacity: load > 0 ? load : .greatestFiniteMagnitude,
            close: duration > 0 ? duration : .greatestFiniteMagnitude)
        return try distinct(
            RouteProblem(
                customers: try lines[(days + 1)..<(days + 1 + customers)].map { row in
                    try customer(row, service: 3, demand: 4, extra: 0, days: days, kinds: 1)
                }, fleets: [fleet], days: days))
    }

    /// Lines beyond those that the first one announces would be left out without a word.
    private static func nothingFollows(_ lines: [Line], _ count: Int, _ announced: String) throws {
        guard lines.count > count else { return }
        throw Diagnostic(
            "too_many_lines", "\(announced) are announced, but more lines follow", line: lines[count].line,
            remedy: "announce as many as there are, or leave the rest out")
    }

    private static func fleets(_ head: Line, _ lines: [Line]) throws -> RouteProblem {
        let days = try dayCount(head.numbers[0], head.line)
        let kinds = try whole(head.numbers[1], "the number of kinds", head.line)
        let customers = try whole(head.numbers[2], "the number of customers", head.line)
        let depots = try whole(head.numbers[3], "the number of depots", head.line)
        guard kinds <= 31, lines.count >= kinds + customers + depots else {
            throw Diagnostic(
                "truncated",
                "\(kinds) kinds, \(customers) customers and \(depots) depots are announced, \(lines.count) lines follow",
                line: lines.last?.line ?? head.line, remedy: "write as many lines as the first one announces")
        }
        try nothingFollows(
            lines, kinds + customers + depots, "\(kinds) kinds, \(customers) customers and \(depots) depots")
        var fleets: [RouteProblem.Fleet] = []
        for depot in lines[(kinds + customers)..<(kinds + customers + depots)] {
            for (kind, row) in lines[0..<kinds].enumerated() {
                guard depot.numbers.count >= 3, row.numbers.count == 6, row.numbers[3] > 0 else {
                    throw Diagnostic(
                        "bad_line",
                        "a kind of vehicle has 6 numbers with a speed above 0, a depot a number and a place",
                        line: row.numbers.count == 6 ? depot.line : row.line,
                        remedy: "write the kinds of vehicle, then the depots")
                }
                fleets.append(
                    RouteProblem.Fleet(
                        depot: .init(x: depot.numbers[1], y: depot.numbers[2]), kind: kind,
                        count: try whole(row.numbers[1], "the number of vehicles", row.line), capacity: row.numbers[2],
                        close: head.numbers[4], costPerRoute: row.numbers[4], costPerDistance: row.numbers[5],
                        timePerDistance: 1 / row.numbers[3]))
            }
        }
        return try distinct(
            RouteProblem(
                customers: try lines[kinds..<(kinds + customers)].map { row in
                    try customer(row, service: 4, demand: 3, extra: 1, days: days, kinds: kinds)
                }, fleets: fleets, days: days))
    }

    private static func customer(
        _ row: Line, service: Int, demand: Int, extra: Int, days: Int, kinds: Int
    ) throws -> RouteProblem.Customer {
        let n = row.numbers
        guard n.count >= 7 else {
            throw Diagnostic(
                "bad_line", "a customer has at least 7 numbers, this line has \(n.count)", line: row.line,
                remedy: "number, x, y, service, demand, frequency, number of sets, sets of days")
        }
        let frequency = try whole(n[5], "the frequency", row.line)
        let count = try whole(n[6], "the number of sets of days", row.line)
        guard count >= 1, n.count >= 7 + count + extra else {
            throw Diagnostic(
                "bad_line", "\(count) sets of days are announced, but not all are there", line: row.line,
                remedy: "write every set, or announce fewer")
        }
        let sets = try n[7..<(7 + count)].map { value -> UInt32 in
            let code = try whole(value, "a set of days", row.line)
            guard code > 0, code < 1 << days, code.nonzeroBitCount == frequency else {
                throw Diagnostic(
                    "bad_days", "the set of days \(code) does not hold \(frequency) of \(days) days", line: row.line,
                    remedy: "write a set as the sum of the powers of two of its days")
            }
            return (0..<days).reduce(0) { $0 | (UInt32(code >> (days - 1 - $1)) & 1) << UInt32($1) }
        }
        var allowed = UInt32.max
        if extra == 1 {
            let code = try whole(n[7 + count], "the kinds of vehicles", row.line)
            allowed = (0..<kinds).reduce(0) { $0 | (UInt32(code >> (kinds - 1 - $1)) & 1) << UInt32($1) }
        }
        return RouteProblem.Customer(
            id: name(n[0]), place: .init(x: n[1], y: n[2]), demand: n[demand], service: n[service], ready: 0,
            due: .greatestFiniteMagnitude, daySets: sets, kinds: allowed, line: row.line)
    }

    private static func dayCount(_ value: Double, _ line: Int) throws -> Int {
        let days = try whole(value, "the number of days", line)
        guard (1...31).contains(days) else {
            throw Diagnostic(
                "bad_days", "1 to 31 days are possible", line: line, remedy: "plan one cycle of days at a time")
        }
        return days
    }

    private static func whole(_ value: Double, _ what: String, _ line: Int) throws -> Int {
        guard value >= 0, value == value.rounded(), value < 1e9 else {
            throw Diagnostic(
                "bad_number", "\(what) is no whole number from 0", line: line,
                remedy: "write it without sign and fraction")
        }
        return Int(value)
    }

    private static func name(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    /// Lines of numbers; words may stand only above the first line of `heading` numbers.
    private static func numberLines(_ text: String, heading: Int?) throws -> [Line] {
        var lines: [Line] = []
        var words = heading != nil
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let cells = line.split(whereSeparator: \.isWhitespace)
            guard let first = cells.first else { continue }
            let numbers = cells.compactMap { Double($0) }
            if numbers.count < cells.count {
                if words, Double(first) == nil { continue }
                throw Diagnostic(
                    "bad_line", "this line holds something that is no number", line: index + 1,
                    remedy: "write numbers with a point, apart by spaces")
            }
            // Beyond, squares of distances would not be finite.
            guard numbers.allSatisfy({ abs($0) <= 1e100 }) else {
                throw Diagnostic(
                    "not_finite", "this line holds a number that is not finite or beyond 1e100", line: index + 1,
                    remedy: "write finite numbers, in a larger unit if need be")
            }
            if numbers.count == heading { words = false }
            lines.append(Line(line: index + 1, numbers: numbers))
        }
        return lines
    }
}
