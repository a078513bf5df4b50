import EngagementModel
import Foundation
import GRDB

/// Who did something, as the ledger and the audit trail name them: an id, never a name or an address.
package struct Principal: Sendable, Hashable, CustomStringConvertible {
    package var id: String
    /// A run, an import, a scheduled step.
    package static let system = Principal(id: "system")
    package static func user(_ number: Int64) -> Principal { Principal(id: "user:\(number)") }
    package init(id: String) { self.id = id }
    package var description: String { id }
}

/// Where a row came from: another system's files, or Rapport itself.
package enum Origin: String, ClosedList, Codable { case loaded, rapport }

extension Day {
    init(_ number: Int64) { self.init(number: Int32(truncatingIfNeeded: number)) }
    var stored: Int64 { Int64(number) }

    /// The UTC day that holds a time in microseconds since 1970.
    init(microseconds: Int64) {
        let length: Int64 = 86_400_000_000
        self.init(
            number: Int32(truncatingIfNeeded: (microseconds - (microseconds % length + length) % length) / length))
    }
}

extension Row {
    /// A value of a closed list; an unknown spelling means that the file was damaged or edited by hand.
    func closed<List: ClosedList>(_ index: Int, as type: List.Type = List.self) throws -> List {
        guard let value = List(rawValue: self[index]) else { throw unknownSpelling(index) }
        return value
    }

    func optionalClosed<List: ClosedList>(_ index: Int, as type: List.Type = List.self) throws -> List? {
        guard let text = self[index] as String? else { return nil }
        guard let value = List(rawValue: text) else { throw unknownSpelling(index) }
        return value
    }

    func day(_ index: Int) -> Day { Day(self[index] as Int64) }
    func optionalDay(_ index: Int) -> Day? { (self[index] as Int64?).map { Day($0) } }

    private func unknownSpelling(_ index: Int) -> Diagnostic {
        Diagnostic(
            "ledger_corrupt", "The ledger holds an unknown value in column \(Array(columnNames)[index]).",
            remedy: "restore the latest backup")
    }
}

/// Lower-case hexadecimal digits.
func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// JSON with sorted keys: the same values give the same bytes.
func canonicalJSON(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
