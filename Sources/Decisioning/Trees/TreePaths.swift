import EngagementModel
import Statistics

/// The trees of a model, walked in Swift: which split of a row's way moved the logit by how much.
///
/// Each split gives its column the change of the node's value that the row's side makes; over a way the changes add up to
/// leaf − root, over all trees to logit − base. One walk for each tree where Shapley values look at all ways, so that a plan of many
/// touches can afford it; columns that are split on together share less evenly. Source: Saabas, "Interpreting random
/// forests" (2014). The format is that of LightGBM's text models (`Tree::ToString`), the decisions those of `Tree::Decision`.
struct TreePaths: Sendable {
    /// One split, or one leaf: then both sides lead back to it, and `left` is its value.
    struct Node: Sendable {
        var threshold: Double
        /// What the logit moves by on either side; of a leaf its value, and 0.
        var moves: (left: Double, right: Double)
        var left: Int32
        var right: Int32
        /// Words of a categorical split: the first, and how many; 0 of the others.
        var firstWord: Int32
        var words: Int32
        var column: Int32
        var kind: UInt8
    }

    /// Splits of a tree, then its leaves.
    private var nodes: [Node] = []
    /// First node of each tree, and its first leaf.
    private var trees: [(root: Int32, leaves: Int32)] = []
    /// Sum of the roots' values: what a row is given before its first split.
    private(set) var base = 0.0
    /// The first word is no split's.
    private var bits: [UInt32] = [0]

    /// - Throws: `trees_failed` when the text is no such model.
    init(text: String) throws(Diagnostic) {
        var fields: [String: [Double]] = [:]
        var isTree = false
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            guard let sign = line.firstIndex(of: UInt8(ascii: "=")) else {
                if isTree, line.elementsEqual("end of trees".utf8) { break }
                continue
            }
            let key = String(Substring(line[..<sign]))
            if key == "Tree" {
                if isTree { try add(fields) }
                (isTree, fields) = (true, [:])
            } else if isTree, Self.keys.contains(key) {
                fields[key] = line[line.index(after: sign)...].split(separator: UInt8(ascii: " ")).map {
                    Double(Substring($0)) ?? .nan
                }
            }
        }
        guard isTree else { throw Self.unreadable }
        try add(fields)
    }

    private static let keys: Set<String> = [
        "split_feature", "threshold", "decision_type", "left_child", "right_child", "leaf_value", "internal_value",
        "cat_boundaries", "cat_threshold",
    ]
    private static let unreadable = Diagnostic("trees_failed", "LightGBM's text model is of another form")

    private mutating func add(_ fields: [String: [Double]]) throws(Diagnostic) {
        func numbers(_ key: String) -> [Double] { fields[key] ?? [] }
        let (leaves, splits) = (numbers("leaf_value"), numbers("split_feature"))
        let lists = ["threshold", "decision_type", "left_child", "right_child", "internal_value"].map(numbers)
        guard leaves.count == splits.count + 1, lists.allSatisfy({ $0.count == splits.count }) else {
            throw Self.unreadable
        }
        // What is stored may have been spoilt: no number of it may lead out of its list, and every child comes after its
        // node, so that a walk ends.
        func isWhole(_ x: Double, _ range: ClosedRange<Double>) -> Bool { x.rounded() == x && range.contains(x) }
        let (last, children) = (Double(splits.count - 1), lists[2] + lists[3])
        let boundaries = numbers("cat_boundaries")
        let words = numbers("cat_threshold")
        guard splits.allSatisfy({ isWhole($0, 0...Double(TreeFeatures.columns.count - 1)) }),
            lists[1].allSatisfy({ isWhole($0, 0...255) }),
            children.enumerated().allSatisfy({ place, child in
                isWhole(child, -Double(leaves.count)...max(last, 0))
                    && (child < 0 || child > Double(place % max(1, splits.count)))
            }),
            words.allSatisfy({ isWhole($0, 0...Double(UInt32.max)) }),
            boundaries.allSatisfy({ isWhole($0, 0...Double(words.count)) }),
            zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw Self.unreadable }
        let (first, firstWord) = (Int32(nodes.count), Int32(bits.count))
        let firstLeaf = first + Int32(splits.count)
        let limits = boundaries.map { Int32($0) }
        bits += words.map { UInt32($0) }
        // A child below 0 is a leaf: its complement.
        func child(_ number: Double) -> (node: Int32, value: Double) {
            let k = Int(number)
            return k < 0 ? (Int32(~k) + firstLeaf, leaves[~k]) : (Int32(k) + first, lists[4][k])
        }
        for k in splits.indices {
            let (left, right, value) = (child(lists[2][k]), child(lists[3][k]), lists[4][k])
            var node = Node(
                threshold: lists[0][k], moves: (left.value - value, right.value - value), left: left.node,
                right: right.node, firstWord: 0, words: 0, column: Int32(splits[k]), kind: UInt8(lists[1][k]))
            if node.kind & 1 != 0 {
                guard isWhole(lists[0][k], 0...Double(max(0, limits.count - 1))), Int(lists[0][k]) + 1 < limits.count
                else { throw Self.unreadable }
                let place = Int(lists[0][k])
                (node.firstWord, node.words) = (firstWord + limits[place], limits[place + 1] - limits[place])
            }
            nodes.append(node)
        }
        for (k, value) in leaves.enumerated() {
            let own = firstLeaf + Int32(k)
            nodes.append(
                Node(
                    threshold: .infinity, moves: (value, 0), left: own, right: own, firstWord: 0, words: 0, column: 0,
                    kind: 0))
        }
        // A tree that did not split is its only leaf.
        trees.append((first, firstLeaf))
        base += splits.isEmpty ? leaves[0] : lists[4][0]
    }

    /// Adds each column's part of a row's logit to `parts`; returns the logit as LightGBM sums it, leaf by leaf.
    func walk(_ row: UnsafePointer<Float>, into parts: UnsafeMutablePointer<Double>) -> Double {
        nodes.withUnsafeBufferPointer { nodes in
            bits.withUnsafeBufferPointer { bits in
                guard let nodes = nodes.baseAddress, let bits = bits.baseAddress else { return 0 }
                var logit = 0.0
                for tree in trees {
                    var node = tree.root
                    while node < tree.leaves {
                        let split = nodes + Int(node)
                        let column = Int(split.pointee.column)
                        let isLeft = Self.goesLeft(split, Double(row[column]), bits)
                        parts[column] += isLeft ? split.pointee.moves.left : split.pointee.moves.right
                        node = isLeft ? split.pointee.left : split.pointee.right
                    }
                    logit += nodes[Int(node)].moves.left
                }
                return logit
            }
        }
    }

    /// Rows that one tree is asked about before the next: the tree stays in the nearest cache, and so do they.
    private static let rowsAtOnce = 64

    /// The logit of each row, bit for bit LightGBM's: leaves summed in the order of the trees.
    ///
    /// Four rows go down a tree side by side, so that the wait for one's next split is filled by the others.
    func logits(_ rows: TreeRows) -> [Double] {
        let parts = rows.count < 256 ? 1 : Cores.count * 4
        return Cores.map(parts) { part -> [Double] in
            let mine = (part * rows.count / parts)..<((part + 1) * rows.count / parts)
            var out = [Double](repeating: 0, count: mine.count)
            rows.values.withUnsafeBufferPointer { values in
                nodes.withUnsafeBufferPointer { nodes in
                    bits.withUnsafeBufferPointer { bits in
                        out.withUnsafeMutableBufferPointer { out in
                            guard let values = values.baseAddress, let nodes = nodes.baseAddress,
                                let bits = bits.baseAddress, let out = out.baseAddress
                            else { return }
                            sum(values + mine.lowerBound * rows.columns, mine.count, rows.columns, nodes, bits, out)
                        }
                    }
                }
            }
            return out
        }.flatMap { $0 }
    }

    private func sum(
        _ rows: UnsafePointer<Float>, _ count: Int, _ width: Int, _ nodes: UnsafePointer<Node>,
        _ bits: UnsafePointer<UInt32>, _ out: UnsafeMutablePointer<Double>
    ) {
        @inline(__always) func next(_ node: Int32, _ row: UnsafePointer<Float>) -> Int32 {
            let split = nodes + Int(node)
            let isLeft = Self.goesLeft(split, Double(row[Int(split.pointee.column)]), bits)
            return isLeft ? split.pointee.left : split.pointee.right
        }
        var first = 0
        while first < count {
            let end = min(first + Self.rowsAtOnce, count)
            for tree in trees {
                var place = first
                while place + 4 <= end {
                    let row = rows + place * width
                    var (a, b, c, d) = (tree.root, tree.root, tree.root, tree.root)
                    while min(min(a, b), min(c, d)) < tree.leaves {
                        a = next(a, row)
                        b = next(b, row + width)
                        c = next(c, row + 2 * width)
                        d = next(d, row + 3 * width)
                    }
                    out[place] += nodes[Int(a)].moves.left
                    out[place + 1] += nodes[Int(b)].moves.left
                    out[place + 2] += nodes[Int(c)].moves.left
                    out[place + 3] += nodes[Int(d)].moves.left
                    place += 4
                }
                while place < end {
                    var node = tree.root
                    while node < tree.leaves { node = next(node, rows + place * width) }
                    out[place] += nodes[Int(node)].moves.left
                    place += 1
                }
            }
            first = end
        }
    }

    /// LightGBM's decision; without branches on what a row holds, which no processor could foresee.
    @inline(__always) private static func goesLeft(
        _ node: UnsafePointer<Node>, _ given: Double, _ bits: UnsafePointer<UInt32>
    ) -> Bool {
        let kind = node.pointee.kind
        if kind & 1 != 0 {
            // Names that the split does not know go right, and so does what is not known.
            let isName = given > -1 && given < 4_294_967_296
            let category = Int(isName ? given : 0)
            let word = category >> 5
            let isKnown = isName && word < Int(node.pointee.words)
            let place = isKnown ? Int(node.pointee.firstWord) + word : 0
            return isKnown && bits[place] >> UInt32(category & 31) & 1 != 0
        }
        let missing = kind >> 2 & 3
        let isNaN = given.isNaN
        let x = isNaN && missing != 2 ? 0 : given
        let isMissing = missing == 1 && abs(x) <= 1e-35 || missing == 2 && isNaN
        return isMissing ? kind & 2 != 0 : x <= node.pointee.threshold
    }
}
