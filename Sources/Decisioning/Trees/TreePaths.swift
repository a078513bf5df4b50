import EngagementModel

/// The trees of a model, walked in Swift: which split of a row's way moved the logit by how much.
///
/// Each split gives its column the change of the node's value that the row's side makes; over a way the changes add up to
/// leaf − root, over all trees to logit − base. One walk for each tree where Shapley values look at all ways, so that a plan of many
/// touches can afford it; columns that are split on together share less evenly. Source: Saabas, "Interpreting random
/// forests" (2014). The format is that of LightGBM's text models (`Tree::ToString`), the decisions those of `Tree::Decision`.
struct TreePaths: Sendable {
    private var roots: [Int32] = []
    /// Sum of the roots' values: what a row is given before its first split.
    private(set) var base = 0.0
    private var column: [Int32] = []
    private var threshold: [Double] = []
    private var kind: [UInt8] = []
    private var left: [Int32] = []
    private var right: [Int32] = []
    private var value: [Double] = []
    private var leaf: [Double] = []
    /// Words of each categorical split: the first, and how many.
    private var words: [(first: Int32, count: Int32)] = []
    private var bits: [UInt32] = []

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
        let (node, firstLeaf, firstWord) = (Int32(column.count), Int32(leaf.count), Int32(bits.count))
        let limits = boundaries.map { Int32($0) }
        bits += words.map { UInt32($0) }
        // A child below 0 is a leaf: its complement.
        func child(_ number: Double) -> Int32 {
            let k = Int32(number)
            return k < 0 ? ~(~k + firstLeaf) : k + node
        }
        for k in splits.indices {
            column.append(Int32(splits[k]))
            kind.append(UInt8(lists[1][k]))
            left.append(child(lists[2][k]))
            right.append(child(lists[3][k]))
            value.append(lists[4][k])
            if kind[kind.count - 1] & 1 == 0 {
                threshold.append(lists[0][k])
            } else {
                guard isWhole(lists[0][k], 0...Double(max(0, limits.count - 1))), Int(lists[0][k]) + 1 < limits.count
                else { throw Self.unreadable }
                let place = Int(lists[0][k])
                threshold.append(Double(self.words.count))
                self.words.append((firstWord + limits[place], limits[place + 1] - limits[place]))
            }
        }
        leaf += leaves
        // A tree that did not split is its only leaf.
        roots.append(splits.isEmpty ? ~firstLeaf : node)
        base += splits.isEmpty ? leaves[0] : value[Int(node)]
    }

    /// Adds each column's part of a row's logit to `parts`; returns the logit as LightGBM sums it, leaf by leaf.
    func walk(_ row: UnsafePointer<Float>, into parts: UnsafeMutablePointer<Double>) -> Double {
        var logit = 0.0
        for root in roots {
            var node = root
            while node >= 0 {
                let k = Int(node)
                node = goesLeft(k, Double(row[Int(column[k])])) ? left[k] : right[k]
                parts[Int(column[k])] += (node >= 0 ? value[Int(node)] : leaf[Int(~node)]) - value[k]
            }
            logit += leaf[Int(~node)]
        }
        return logit
    }

    @inline(__always) private func goesLeft(_ k: Int, _ given: Double) -> Bool {
        let kind = kind[k]
        if kind & 1 != 0 {
            // Names that the split does not know go right, and so does what is not known.
            guard given > -1, given < 4_294_967_296 else { return false }
            let (category, word) = (Int(given), words[Int(threshold[k])])
            guard category >> 5 < Int(word.count) else { return false }
            return bits[Int(word.first) + (category >> 5)] >> UInt32(category & 31) & 1 != 0
        }
        let missing = kind >> 2 & 3
        let x = given.isNaN && missing != 2 ? 0 : given
        if missing == 1 && abs(x) <= 1e-35 || missing == 2 && x.isNaN { return kind & 2 != 0 }
        return x <= threshold[k]
    }
}
