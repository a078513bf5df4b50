/// Sets of rows that only grow together (union by size, path halving).
struct DisjointSets {
    private var parent: [Int32]
    private var size: [Int32]

    init(_ count: Int) {
        parent = (0..<count).map { Int32($0) }
        size = [Int32](repeating: 1, count: count)
    }

    mutating func find(_ row: Int) -> Int {
        var row = row
        while Int(parent[row]) != row {
            parent[row] = parent[Int(parent[row])]
            row = Int(parent[row])
        }
        return row
    }

    mutating func union(_ a: Int, _ b: Int) {
        var a = find(a)
        var b = find(b)
        if a == b { return }
        if size[a] < size[b] { (a, b) = (b, a) }
        parent[b] = Int32(a)
        size[a] += size[b]
    }

    /// Set of each row, numbered in row order.
    mutating func labels() -> [Int32] {
        var numbers: [Int: Int32] = [:]
        return parent.indices.map { row in
            let root = find(row)
            if let number = numbers[root] { return number }
            let number = Int32(numbers.count)
            numbers[root] = number
            return number
        }
    }
}
