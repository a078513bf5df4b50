/// Work over a range of rows, cut into pieces of fixed size and spread over the cores.
///
/// The cut depends on the number of rows alone and results come back in order, so that sums are the same on every
/// machine, whatever its number of cores.
package enum ParallelRanges {
    /// Results of `body` for consecutive pieces of 0..<count, in order.
    package static func map<Result: Sendable>(
        _ count: Int, piece: Int, _ body: @Sendable (Range<Int>) -> Result
    ) -> [Result] {
        let parts = (count + piece - 1) / max(piece, 1)
        guard parts > 1 else { return count > 0 ? [body(0..<count)] : [] }
        return Cores.map(parts) { part in body(part * piece..<min((part + 1) * piece, count)) }
    }
}
