internal import Statistics

/// Messages sent to and opened by each HCP in each hour of the week: a fold over a log of any length.
///
/// 672 bytes an HCP: sends in the low and opens in the high 16 bits of one word an hour.
package struct HourCounts: Sendable {
    package let hcpCount: Int
    private(set) var cells: [UInt32]
    package private(set) var sends = 0
    package private(set) var opens = 0

    package init(hcpCount: Int) {
        self.hcpCount = hcpCount
        cells = [UInt32](repeating: 0, count: hcpCount * WeekHour.count)
    }

    /// Sends and opens of one HCP in one hour.
    package func cell(_ hcp: Int, _ hour: Int) -> (sends: Int, opens: Int) {
        let word = cells[hcp * WeekHour.count + hour]
        return (Int(word & 0xFFFF), Int(word >> 16))
    }

    /// Whether anyone was written to in an hour.
    package func wasTried(hour: Int) -> Bool {
        (0..<hcpCount).contains { cells[$0 * WeekHour.count + hour] != 0 }
    }

    /// Adds a stretch of the log.
    ///
    /// Each core reads all of it and keeps its own HCPs, so that no two write the same word.
    /// - Parameters:
    ///   - hcps: number of the HCP of each message.
    ///   - sent: moment of sending, µs since 1970-01-01 UTC.
    ///   - opened: whether it was opened (machine opens do not count).
    ///   - zones: place of each message's time zone in `clock`; empty for the first zone throughout.
    package mutating func add(
        hcps: [Int32], sent: [Int64], opened: [Bool], zones: [Int32] = [], clock: ZoneClock = ZoneClock()
    ) throws {
        guard hcps.count == sent.count, hcps.count == opened.count, zones.isEmpty || zones.count == hcps.count else {
            throw HistoryProblem("ragged_columns", "the columns differ in length", remedy: "give columns of one length")
        }
        let count = hcpCount
        let share = max((count + 7) / 8, 1)
        let outcomes = cells.withUnsafeMutableBufferPointer { buffer -> [Outcome] in
            guard let base = buffer.baseAddress else { return [] }
            let rows = Shared(base)
            return ParallelRanges.map(count, piece: share) { range in
                Self.fold(range, rows, hcps, sent, opened, zones, clock)
            }
        }
        for outcome in outcomes {
            if let row = outcome.tooMany {
                throw HistoryProblem(
                    "too_many_sends", "more than 65,535 messages to one HCP in one hour", row: row,
                    remedy: "leave out what a machine sent, or cut the log into years")
            }
            sends += outcome.sends
            opens += outcome.opens
        }
        if let row = hcps.firstIndex(where: { $0 < 0 || Int($0) >= count }) {
            throw HistoryProblem(
                "missing_id", "the HCP is missing", row: row, remedy: "fill the cell or leave the row out")
        }
    }

    private struct Outcome: Sendable {
        var sends = 0
        var opens = 0
        var tooMany: Int?
    }

    private static func fold(
        _ range: Range<Int>, _ words: Shared<UnsafeMutablePointer<UInt32>>, _ hcps: [Int32], _ sent: [Int64],
        _ opened: [Bool],
        _ zones: [Int32], _ clock: ZoneClock
    ) -> Outcome {
        var outcome = Outcome()
        let (low, width) = (Int32(range.lowerBound), UInt32(range.count))
        hcps.withUnsafeBufferPointer { hcps in
            for row in hcps.indices where UInt32(bitPattern: hcps[row] &- low) < width {
                let hour = clock.hour(sent[row], zone: zones.isEmpty ? 0 : Int(zones[row]))
                let place = Int(hcps[row]) * WeekHour.count + hour
                let word = words.value[place]
                guard word & 0xFFFF < 0xFFFF else {
                    outcome.tooMany = row
                    return
                }
                words.value[place] = word &+ (opened[row] ? 0x1_0001 : 1)
                outcome.sends += 1
                outcome.opens += opened[row] ? 1 : 0
            }
        }
        return outcome
    }
}
