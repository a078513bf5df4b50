import Decisioning
import Statistics
import Testing

/// Rows appended behind a sorted base come to the places that sorting everything would give them.
@Suite struct TouchOrderTests {
    /// Few HCPs and moments, so that many rows are equal and their order is the order given; `product` is the row.
    private func touches(_ count: Int, seed: UInt64) -> TouchColumns {
        var random = SeededGenerator(seed: seed)
        let rows = 0..<Int32(count)
        return TouchColumns(
            hcp: rows.map { _ in Int32(random.next() % 7) }, time: rows.map { _ in Int64(random.next() % 5) },
            channel: rows.map { UInt8($0 % 12) }, level: rows.map { UInt8($0 % 4) }, flags: rows.map { UInt8($0 % 8) },
            content: rows.map { $0 % 9 }, rep: rows.map { $0 % 11 }, product: rows.map { $0 })
    }

    private func taken(_ t: TouchColumns, _ order: [Int]) -> TouchColumns {
        TouchColumns(
            hcp: order.map { t.hcp[$0] }, time: order.map { t.time[$0] }, channel: order.map { t.channel[$0] },
            level: order.map { t.level[$0] }, flags: order.map { t.flags[$0] }, content: order.map { t.content[$0] },
            rep: order.map { t.rep[$0] }, product: order.map { t.product[$0] })
    }

    private func sorted(_ t: TouchColumns, _ rows: Range<Int>) -> [Int] {
        rows.sorted { (t.hcp[$0], t.time[$0], $0) < (t.hcp[$1], t.time[$1], $1) }
    }

    @Test(arguments: [0, 1, 5, 60, 200]) func mergingEqualsSorting(_ appended: Int) {
        for seed in 1...20 as ClosedRange<UInt64> {
            let all = touches(200, seed: seed)
            let base = 200 - appended
            let given = taken(all, sorted(all, 0..<base) + Array(base..<200))
            let wanted = taken(given, sorted(given, 0..<200))
            var merged = given
            let isMerged = merged.mergeAppended(atMost: 1)
            #expect(isMerged)
            #expect(merged.hcp == wanted.hcp && merged.time == wanted.time && merged.product == wanted.product)
            #expect(merged.channel == wanted.channel && merged.level == wanted.level && merged.flags == wanted.flags)
            #expect(merged.content == wanted.content && merged.rep == wanted.rep)
        }
    }

    @Test func aTableOutOfOrderIsLeftAsItIs() {
        let given = touches(200, seed: 1)
        var merged = given
        let isMerged = merged.mergeAppended()
        #expect(!isMerged)
        #expect(merged.product == given.product)
        var none = taken(given, [])
        #expect(none.mergeAppended() && none.count == 0)
    }
}
