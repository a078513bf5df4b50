/// Numbers for texts, in order of first appearance.
struct Interner {
    private(set) var names: [String] = []
    private var numbers: [String: Int32] = [:]

    init(_ names: [String] = []) {
        for name in names { _ = number(of: name) }
    }

    mutating func number(of name: String) -> Int32 {
        if let known = numbers[name] { return known }
        let number = Int32(names.count)
        numbers[name] = number
        names.append(name)
        return number
    }

    /// -1 for nil and for unknown texts.
    func known(_ name: String?) -> Int32 { name.flatMap { numbers[$0] } ?? -1 }

    /// -1 for nil; new texts get a number.
    mutating func optional(_ name: String?) -> Int32 { name.map { number(of: $0) } ?? -1 }
}
