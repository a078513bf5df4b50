import Synchronization

/// Counts steps of journeys as they are made, for whoever watches.
package final class JourneyTally: Sendable {
    private let made = Atomic<Int>(0)

    package init() {}

    /// Steps that are on disk, since the program began.
    package var steps: Int { made.load(ordering: .relaxed) }

    func add(_ steps: Int) { made.add(steps, ordering: .relaxed) }
}
