extension TouchColumns {
    /// Brings rows that were appended behind a sorted base to their places, by (hcp, time) and then in the order given:
    /// what sorting all rows would make of them, at the price of sorting the appended ones.
    ///
    /// - Parameter share: largest share of rows behind the base that is worth a merge.
    /// - Returns: false, and nothing is changed, when more rows than that lie behind the base.
    package mutating func mergeAppended(atMost share: Double = 0.2) -> Bool {
        let base = sortedCount
        guard Double(count - base) <= share * Double(count) else { return false }
        guard base < count else { return true }
        let order = (base..<count).sorted { (hcp[$0], time[$0], $0) < (hcp[$1], time[$1], $1) }
        // Place of each appended row among all: behind every row of the base that is not later.
        var places: [Int] = []
        places.reserveCapacity(order.count)
        var row = 0
        for (k, appended) in order.enumerated() {
            while row < base, (hcp[row], time[row]) <= (hcp[appended], time[appended]) { row += 1 }
            places.append(row + k)
        }
        Self.merge(&hcp, base, order, places)
        Self.merge(&time, base, order, places)
        Self.merge(&channel, base, order, places)
        Self.merge(&level, base, order, places)
        Self.merge(&flags, base, order, places)
        Self.merge(&content, base, order, places)
        Self.merge(&rep, base, order, places)
        Self.merge(&product, base, order, places)
        return true
    }

    /// Rows from the first on that are sorted by (hcp, time).
    private var sortedCount: Int {
        var row = 1
        while row < count, (hcp[row - 1], time[row - 1]) <= (hcp[row], time[row]) { row += 1 }
        return min(row, count)
    }

    /// Moves the rows of the base back to make room, from the last on, so that none is overwritten before it has moved.
    private static func merge<Value>(_ column: inout [Value], _ base: Int, _ order: [Int], _ places: [Int]) {
        let appended = order.map { column[$0] }
        var source = base
        var target = column.count
        column.withUnsafeMutableBufferPointer { column in
            for k in appended.indices.reversed() {
                while target > places[k] + 1 {
                    target -= 1
                    source -= 1
                    column[target] = column[source]
                }
                target -= 1
                column[target] = appended[k]
            }
        }
    }
}
