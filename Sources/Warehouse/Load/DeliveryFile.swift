package import EngagementModel

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One file that was delivered.
package struct DeliveryFile: Sendable, Hashable {
    /// Where it lies.
    package var path: String
    /// How messages and the history name it: relative to the workspace.
    package var name: String
    package var format: SourceFormat
    /// From the file's name: `interaction-2026-01-05.csv`.
    package var day: Day?

    package init(path: String, name: String, format: SourceFormat) {
        self.path = path
        self.name = name
        self.format = format
        self.day = Self.day(in: Self.stem(path))
    }

    /// The file's name without folder and ending.
    static func stem(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }

    /// The last `YYYY-MM-DD`, `YYYYMMDD` or `YYYY-MM` (its last day) in a name; of a range its end.
    static func day(in stem: String) -> Day? {
        let bytes = Array(stem.utf8)
        func digits(_ place: Int, _ count: Int) -> Int? {
            guard place + count <= bytes.count else { return nil }
            return bytes[place..<place + count].reduce(Int?.some(0)) { sum, byte in
                guard let sum, byte >= 48, byte <= 57 else { return nil }
                return sum * 10 + Int(byte) - 48
            }
        }
        func dash(_ place: Int) -> Bool { place < bytes.count && bytes[place] == 45 }
        func isDigit(_ place: Int) -> Bool { place >= 0 && place < bytes.count && (48...57).contains(bytes[place]) }
        func checked(_ year: Int, _ month: Int, _ day: Int) -> Day? {
            guard (1900..<2200).contains(year) else { return nil }
            let result = Day(year: year, month: month, day: day)
            return result.civil == (year, month, day) ? result : nil
        }
        func day(at place: Int) -> Day? {
            guard let year = digits(place, 4) else { return nil }
            if dash(place + 4), let month = digits(place + 5, 2) {
                if dash(place + 7), let day = digits(place + 8, 2), !isDigit(place + 10) {
                    return checked(year, month, day)
                }
                return isDigit(place + 7) ? nil : checked(year, month, 1)?.endOfMonth
            }
            guard let month = digits(place + 4, 2), let day = digits(place + 6, 2), !isDigit(place + 8) else {
                return nil
            }
            return checked(year, month, day)
        }
        return bytes.indices.reversed().lazy.filter { isDigit($0) && !isDigit($0 - 1) }.compactMap(day(at:)).first
    }

    /// Files that match a path or pattern, in the order of names.
    static func matching(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }.sorted(by: inOrder)
    }

    /// `interaction.csv` before `interaction-2026-01-05.csv`: by the name without its ending.
    static func inOrder(_ a: String, _ b: String) -> Bool {
        let (x, y) = (stem(a), stem(b))
        return x == y ? a < b : x < y
    }
}

extension Day {
    /// The last day of the month.
    fileprivate var endOfMonth: Day {
        let (year, month, _) = civil
        let next = month == 12 ? Day(year: year + 1, month: 1, day: 1) : Day(year: year, month: month + 1, day: 1)
        return Day(number: next.number - 1)
    }
}

/// The canonical files of a folder.
struct CanonicalFolder {
    /// Table → its files, in the order of names.
    var files: [(table: CanonicalTable, files: [DeliveryFile])] = []
    var diagnostics: [Diagnostic] = []

    init(path: String, name: String) {
        var byTable: [String: [DeliveryFile]] = [:]
        for found in DeliveryFile.matching(path + "/*") {
            let file = found.split(separator: "/").last.map(String.init) ?? found
            let shown = name.isEmpty ? file : "\(name)/\(file)"
            guard let format = SourceFormat(path: file) else { continue }
            let stem = DeliveryFile.stem(file)
            let table = CanonicalSchema.tables.first { stem == $0.name || stem.hasPrefix($0.name + "-") }
            guard let table else {
                diagnostics.append(
                    Diagnostic(
                        "unknown_file", "no canonical file has this name", severity: .warning, file: shown,
                        remedy: "name it after its table, such as interaction.csv or interaction-2026-01-05.csv"))
                continue
            }
            byTable[table.name, default: []].append(DeliveryFile(path: found, name: shown, format: format))
        }
        files = CanonicalSchema.tables.compactMap { table in
            byTable[table.name].map { (table, $0.sorted { DeliveryFile.inOrder($0.path, $1.path) }) }
        }
    }
}
