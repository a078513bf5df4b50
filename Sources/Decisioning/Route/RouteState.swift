/// A plan during the search: routes as linked lists of visits, with the earliest and latest start of each.
///
/// A visit is customer × day; its number is 1 + customer · days + day, and 0 stands for the depot at either end.
final class RouteState {
    let visits: Int
    let slots: Int
    private let integers: UnsafeMutablePointer<Int32>
    private let numbers: UnsafeMutablePointer<Double>
    private let integerCount: Int
    private let numberCount: Int

    /// Per visit: neighbours on the route and the route's slot, -1 when not planned.
    let next: UnsafeMutablePointer<Int32>
    let previous: UnsafeMutablePointer<Int32>
    let route: UnsafeMutablePointer<Int32>
    /// Per slot: ends, number of visits (0 = free), fleet and day.
    let first: UnsafeMutablePointer<Int32>
    let last: UnsafeMutablePointer<Int32>
    let size: UnsafeMutablePointer<Int32>
    let fleet: UnsafeMutablePointer<Int32>
    let day: UnsafeMutablePointer<Int32>
    /// Routes in use per day and fleet.
    let used: UnsafeMutablePointer<Int32>
    /// Per visit: earliest and latest start.
    let early: UnsafeMutablePointer<Double>
    let late: UnsafeMutablePointer<Double>
    let load: UnsafeMutablePointer<Double>
    /// Slots that were ever used lie below this.
    var top = 0
    var cost = 0.0
    var planned = 0

    init(visits: Int, slots: Int, fleetDays: Int) {
        self.visits = visits
        self.slots = slots
        let (v, s) = (visits + 1, slots)
        integerCount = 3 * v + 5 * s + fleetDays
        numberCount = 2 * v + s
        integers = .allocate(capacity: integerCount)
        integers.initialize(repeating: 0, count: integerCount)
        numbers = .allocate(capacity: numberCount)
        numbers.initialize(repeating: 0, count: numberCount)
        (next, previous, route) = (integers, integers + v, integers + 2 * v)
        first = integers + 3 * v
        (last, size, fleet, day) = (first + s, first + 2 * s, first + 3 * s, first + 4 * s)
        used = first + 5 * s
        (early, late, load) = (numbers, numbers + v, numbers + 2 * v)
        for visit in 0..<v { route[visit] = -1 }
    }

    deinit {
        integers.deallocate()
        numbers.deallocate()
    }

    func copy(_ other: RouteState) {
        integers.update(from: other.integers, count: integerCount)
        numbers.update(from: other.numbers, count: numberCount)
        (top, cost, planned) = (other.top, other.cost, other.planned)
    }
}
