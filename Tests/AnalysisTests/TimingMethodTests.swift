import ArgumentParser
import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Analysis

/// The commands on timing, from file to file: tables written, refusals with their line.
@Suite struct TimingMethodTests {
    private func table(_ path: String) throws -> (header: String, rows: [[String]]) {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        let cells = lines.dropFirst().map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        return (lines.first ?? "", Array(cells))
    }

    /// Summaries of 300 customers with values.
    private func summaries() -> [String] {
        var generator = SeededGenerator(seed: 1)
        return (0..<300).map { i in
            let x = i % 3 == 0 ? 0 : 1 + generator.below(6)
            let last = x == 0 ? 0 : 5 + 30 * generator.uniform()
            return "c\(i),\(x),\(last),38,\(x == 0 ? "" : "\(10 + 40 * generator.uniform())")"
        }
    }

    private let options = ["--frequency", "x", "--recency", "t", "--age", "T", "--id", "id", "--quiet"]

    @Test func summariesGiveOneForecastACustomer() async throws {
        let place = try TemporaryPlace()
        let file = try place.file("s.csv", "id,x,t,T,z\n" + summaries().joined(separator: "\n") + "\n")
        let out = place.path("o.csv")
        let command = try TimingMethod.parse([file] + options + ["--monetary", "z", "--horizon", "10", "--out", out])
        try await command.run()
        let (header, rows) = try table(out)
        #expect(header == "id,p_alive,expected_purchases,expected_value,next_due,next_due_low,next_due_high")
        #expect(rows.count == 300 && rows[7][0] == "c7")
        for row in rows {
            let values = row.dropFirst().compactMap { Double($0) }
            #expect(values.count == 6)
            #expect(values[0] >= 0 && values[0] <= 1)
            #expect(values[4] <= values[3] && values[3] <= values[5])
        }
    }

    @Test func aBadSummaryIsNamedByItsLine() async throws {
        let place = try TemporaryPlace()
        for (bad, code) in [
            ("b,2,40,38,5", "recency_after_age"), ("b,0,4,38,5", "recency_without_repeat"),
            ("b,2,-1,38,5", "negative_time"),
            ("b,2,inf,38,5", "bad_number"), ("b,2,,38,5", "missing_value"), ("b,1.5,3,38,5", "bad_frequency"),
        ] {
            var lines = summaries()
            lines.insert(bad, at: 100)
            let file = try place.file("bad.csv", "id,x,t,T,z\n" + lines.joined(separator: "\n") + "\n")
            let command = try TimingMethod.parse([file] + options)
            let fault = await refusal { try await command.run() }
            #expect(fault?.code == code)
            #expect(fault?.line == 102, "\(code)")
        }
        let empty = try place.file("empty.csv", "id,x,t,T,z\n")
        let command = try TimingMethod.parse([empty] + options)
        #expect(await refusal { try await command.run() }?.code == "no_rows")
        let one = try place.file("one.csv", "id,x,t,T,z\na,2,5,10,3\n")
        let single = try TimingMethod.parse([one] + options)
        #expect(await refusal { try await single.run() }?.code == "too_few")
    }

    @Test func anEventLogIsJudgedOnItsHoldout() async throws {
        let place = try TemporaryPlace()
        var generator = SeededGenerator(seed: 6)
        var lines = ["hcp,day,amount"]
        for customer in 0..<400 {
            let rate = generator.gamma(shape: 1.5) / 30
            var day = Double(generator.below(60))
            while day < 360 {
                lines.append("h\(customer),\(Day(number: 20_000 + Int32(day))),\(20 + generator.below(50))")
                if generator.chance(0.1) { break }
                day += 1 + generator.exponential() / rate
            }
        }
        let file = try place.file("log.csv", lines.joined(separator: "\n") + "\n")
        let out = place.path("o.csv")
        let command = try TimingMethod.parse([
            file, "--id", "hcp", "--date", "day", "--value", "amount", "--calibration-end", "\(Day(number: 20_240))",
            "--unit", "week", "--model", "mbgnbd", "--out", out, "--quiet",
        ])
        try await command.run()
        let rows = try table(out).rows
        #expect(rows.count == 400)
        let due = rows.compactMap { Day($0[4]) }
        #expect(due.count == 400 && due.allSatisfy { $0.number >= 20_240 })
    }

    @Test func changesAreDatedAndBadSeriesNamed() async throws {
        let place = try TemporaryPlace()
        var lines = ["hcp,month,scripts"]
        for one in 0..<40 {
            for month in 1...12 {
                let level = one == 3 && month >= 8 ? 40 : 10
                lines.append("h\(one),2025-\(month < 10 ? "0" : "")\(month)-01,\(level + (one + 5 * month) % 4)")
            }
        }
        let arguments = ["--id", "hcp", "--period", "month", "--value", "scripts", "--quiet"]
        let file = try place.file("c.csv", lines.joined(separator: "\n") + "\n")
        let out = place.path("o.csv")
        try await ChangepointMethod.parse([file] + arguments + ["--out", out, "--alarm-rate", "0.025"]).run()
        let (header, rows) = try table(out)
        #expect(header == "id,changed_at,probability,before,after,probability_recent,alarm")
        #expect(rows[3][1] == "2025-08-01" && (Double(rows[3][2]) ?? 0) > 0.95)
        #expect(rows.count == 40)
        lines.append(lines[5])
        let twice = try place.file("d.csv", lines.joined(separator: "\n") + "\n")
        let fault = await refusal { try await ChangepointMethod.parse([twice] + arguments).run() }
        #expect(fault?.code == "duplicate_period" && fault?.line == 482)
    }

    @Test func hoursAreWrittenForEveryHCP() async throws {
        let place = try TemporaryPlace()
        var lines = ["hcp,sent,opened,zone"]
        for i in 0..<600 {
            let hour = 8 + i % 3
            lines.append(
                "h\(i % 20),2026-01-\(i % 28 < 9 ? "0" : "")\(1 + i % 28)T\(hour < 10 ? "0" : "")\(hour):15:00Z,"
                    + "\(i % 3 == 1 ? 1 : 0),Europe/Paris")
        }
        let arguments = ["--id", "hcp", "--sent", "sent", "--opened", "opened", "--timezone", "zone", "--quiet"]
        let file = try place.file("t.csv", lines.joined(separator: "\n") + "\n")
        let out = place.path("o.csv")
        try await TimingOfDayMethod.parse([file] + arguments + ["--out", out]).run()
        let (header, rows) = try table(out)
        #expect(header == "id,hour_of_week,score,low,high,sends")
        #expect(rows.count == 20 * 168)
        // 09:15 UTC is ten o'clock in Paris in winter.
        let best = rows.filter { $0[0] == "h0" }.max { (Double($0[2]) ?? 0) < (Double($1[2]) ?? 0) }
        #expect((Int(best?[1] ?? "") ?? 0) % 24 == 10)
        lines[7] = lines[7].replacing("Europe/Paris", with: "Mars/Olympus")
        let lost = try place.file("u.csv", lines.joined(separator: "\n") + "\n")
        let fault = await refusal { try await TimingOfDayMethod.parse([lost] + arguments).run() }
        #expect(fault?.code == "bad_timezone" && fault?.line == 8)
    }

    @Test func ordersAreProposedAndBadStockNamed() async throws {
        let place = try TemporaryPlace()
        var lines = ["site,item,month,stock,knees,hips"]
        for site in 0..<5 {
            for month in 1...6 {
                lines.append("s\(site),screw,2025-0\(month)-01,\(site * 100),\(20 + month % 3),\(10 + site)")
            }
        }
        let arguments = [
            "--id", "site", "--product", "item", "--stock", "stock", "--activity", "knees", "hips", "--period", "month",
            "--use-per", "knees=2", "hips=1", "--quiet",
        ]
        let file = try place.file("r.csv", lines.joined(separator: "\n") + "\n")
        let out = place.path("o.csv")
        try await ReplenishMethod.parse([file] + arguments + ["--out", out]).run()
        let (header, rows) = try table(out)
        #expect(
            header == "id,product,order_quantity,order_by,stockout_probability,demand_per_period,safety_stock")
        #expect(rows.count == 5)
        #expect((Double(rows[0][2]) ?? 0) > 0 && rows[0][3] == "2025-06-01")
        #expect(rows[4][2] == "0" || rows[4][3] > "2025-06-01")
        lines[4] = "s0,screw,2025-04-01,-3,20,10"
        let bad = try place.file("b.csv", lines.joined(separator: "\n") + "\n")
        let fault = await refusal { try await ReplenishMethod.parse([bad] + arguments).run() }
        #expect(fault?.code == "negative_amount" && fault?.line == 5)
    }
}
