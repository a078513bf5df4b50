package import EngagementModel

/// Calendar months, counted from January 1970.
package enum Month {
    package static func index(of day: Day) -> Int32 {
        let (year, month, _) = day.civil
        return Int32((year - 1970) * 12 + month - 1)
    }

    package static func firstDay(of index: Int32) -> Day {
        let year = 1970 + (index >= 0 ? Int(index) / 12 : -((11 - Int(index)) / 12))
        return Day(year: year, month: Int(index) - (year - 1970) * 12 + 1, day: 1)
    }
}

/// Monthly outcomes of one objective (a product and a measure), sorted by HCP; a month without a row is zero.
package struct VolumeColumns: Sendable {
    package var hcp: [Int32]
    /// `Month.index`.
    package var month: [Int32]
    package var value: [Double]

    package init(hcp: [Int32] = [], month: [Int32] = [], value: [Double] = []) {
        self.hcp = hcp
        self.month = month
        self.value = value
    }
}

/// How much a touch counts as exposure, by response level: a touch that nobody noticed changes nothing.
package enum ExposureWeight {
    /// none, reached, engaged, advanced.
    package static let byLevel: [Float] = [0, 0.35, 1, 1.5]
}

/// Weighted touches by HCP, month and channel; shared by all objectives of a run.
struct ExposurePanel: Sendable {
    let starts: [Int]
    let month: [Int32]
    let channel: [UInt8]
    let product: [Int32]
    let weight: [Float]

    /// Sums touches of the same HCP, month, channel and product; touches after `lastMonth` are left out.
    ///
    /// A touch on the twentieth can change only the rest of its month: it counts for the days left there and with what
    /// remains for the next month, else its effect would look a third smaller than it is.
    init(_ input: ResponseInput, lastMonth: Int32) {
        let touches = input.touches
        var starts = [0]
        var month: [Int32] = []
        var channel: [UInt8] = []
        var product: [Int32] = []
        var weight: [Float] = []
        // Months by day, as a table: a calendar computation for each touch would dominate.
        let table = MonthTable()
        for hcp in 0..<input.hcps.count {
            let first = month.count
            for row in input.starts[hcp]..<input.starts[hcp + 1] {
                let w = ExposureWeight.byLevel[Int(min(touches.level[row], 3))]
                guard w > 0, touches.flags[row] & TouchFlag.pull == 0, touches.time[row] <= input.asOf else { continue }
                let day = Microseconds.floor(touches.time[row], Microseconds.day)
                let m = table[day]
                guard m <= lastMonth else { break }
                let left = table.shareLeft(day)
                for (m, w) in [(m, w * left), (m + 1, w * (1 - left))] where m <= lastMonth && w > 0 {
                    // Rows of a month and of the one before can alternate; earlier ones lie before both.
                    var k = month.count - 1
                    while k >= first, month[k] >= m - 1 {
                        if month[k] == m && channel[k] == touches.channel[row] && product[k] == touches.product[row] {
                            break
                        }
                        k -= 1
                    }
                    if k >= first, month[k] == m {
                        weight[k] += w
                    } else {
                        month.append(m)
                        channel.append(touches.channel[row])
                        product.append(touches.product[row])
                        weight.append(w)
                    }
                }
            }
            starts.append(month.count)
        }
        self.starts = starts
        self.month = month
        self.channel = channel
        self.product = product
        self.weight = weight
    }
}

/// Month index of a day number, tabulated from 1990 to 2060.
struct MonthTable: Sendable {
    private let first = Day(year: 1990, month: 1, day: 1).number
    private let months: [Int32]
    private let left: [Float]

    init() {
        let start = first
        let last = Day(year: 2060, month: 1, day: 1).number
        let months = (start..<last).map { Month.index(of: Day(number: $0)) }
        var left = [Float](repeating: 0, count: months.count)
        var from = 0
        while from < months.count {
            var to = from
            while to < months.count, months[to] == months[from] { to += 1 }
            for k in from..<to { left[k] = (Float(to - k) - 0.5) / Float(to - from) }
            from = to
        }
        self.months = months
        self.left = left
    }

    /// Share of a day's month that is left at its noon.
    @inline(__always) func shareLeft(_ day: Int64) -> Float {
        let number = Int32(truncatingIfNeeded: day)
        let k = Int(day) - Int(first)
        guard months.indices.contains(k) else {
            let start = Month.firstDay(of: self[day])
            let end = Month.firstDay(of: self[day] + 1)
            return (Float(end - Day(number: number)) - 0.5) / Float(end - start)
        }
        return left[k]
    }

    @inline(__always) subscript(_ day: Int64) -> Int32 {
        let k = Int(day) - Int(first)
        return months.indices.contains(k) ? months[k] : Month.index(of: Day(number: Int32(truncatingIfNeeded: day)))
    }
}
