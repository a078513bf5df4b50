/// Work over ranges, split into a number of parts that never depends on the machine: same input, same bytes.
enum NetworkParts {
    /// `count` items as at most `parts` ranges of about equal length.
    static func ranges(_ count: Int, parts: Int = 8) -> [Range<Int>] {
        let n = max(1, min(parts, count))
        return (0..<n).map { (count * $0 / n)..<(count * ($0 + 1) / n) }
    }

    /// Nodes as ranges that hold about equally many arcs.
    static func ranges(offsets: [Int], parts: Int = 8) -> [Range<Int>] {
        let nodes = offsets.count - 1
        let cost = { (node: Int) in offsets[node] + node }
        var bounds = [0]
        for part in 1..<max(2, parts) {
            let goal = cost(nodes) * part / max(2, parts)
            var (low, high) = (bounds[part - 1], nodes)
            while low < high {
                let middle = (low + high) / 2
                if cost(middle) < goal { low = middle + 1 } else { high = middle }
            }
            bounds.append(low)
        }
        bounds.append(nodes)
        return zip(bounds, bounds.dropFirst()).map { $0..<$1 }.filter { !$0.isEmpty }
    }
}

/// Memory of one computation, freed with it; indexing is not checked.
final class NetworkScratch<Element: BitwiseCopyable> {
    let base: UnsafeMutablePointer<Element>

    init(repeating value: Element, count: Int) {
        base = .allocate(capacity: max(1, count))
        base.initialize(repeating: value, count: max(1, count))
    }

    deinit { base.deallocate() }
}
