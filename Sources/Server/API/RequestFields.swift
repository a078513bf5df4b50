import EngagementModel
import HTTPTypes

/// The members of a request's object, taken one by one; what is wrong is collected with its pointer.
struct RequestFields {
    private var members: [JSONMember]
    private let pointer: String
    private(set) var details: [Problem.Detail] = []

    /// - Throws: 422 when the value is no object.
    init(_ value: JSONValue, pointer: String = "") throws(Problem) {
        guard case .object(let members) = value else { throw .unprocessable(pointer, "an object is expected here") }
        self.members = members
        self.pointer = pointer
    }

    private mutating func take(_ name: String) -> JSONValue? {
        guard let place = members.firstIndex(where: { $0.name == name }) else { return nil }
        let value = members.remove(at: place).value
        return value == .null ? nil : value
    }

    mutating func fault(_ name: String, _ message: String) {
        details.append(Problem.Detail(pointer: "\(pointer)/\(Self.escaped(name))", message: message))
    }

    private static func escaped(_ name: String) -> String {
        String(name.prefix(80)).replacing("~", with: "~0").replacing("/", with: "~1")
    }

    mutating func text(_ name: String, max: Int = 200) -> String? {
        guard let value = take(name) else { return nil }
        guard case .text(let text) = value, !text.isEmpty, text.utf8.count <= max else {
            fault(name, "a text of 1 to \(max) bytes is expected")
            return nil
        }
        return text
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = take(name) else { return nil }
        guard case .number(let number) = value, number == number.rounded(), abs(number) < 1e15,
            range.contains(Int(number))
        else {
            fault(name, "a whole number from \(range.lowerBound) to \(range.upperBound) is expected")
            return nil
        }
        return Int(number)
    }

    mutating func word<List: ClosedList>(_ name: String, _ type: List.Type = List.self) -> List? {
        guard let value = take(name) else { return nil }
        guard case .text(let text) = value, let word = List(rawValue: text) else {
            fault(name, "one of \(List.allCases.map(\.rawValue).joined(separator: ", ")) is expected")
            return nil
        }
        return word
    }

    mutating func time(_ name: String) -> Int64? {
        guard let value = take(name) else { return nil }
        guard case .text(let text) = value, let time = Timestamp.read(text) else {
            fault(name, "a moment such as 2026-06-01T09:30:00Z is expected")
            return nil
        }
        return time
    }

    /// A nested object; nil when it is left out.
    mutating func object(_ name: String) throws(Problem) -> RequestFields? {
        guard let value = take(name) else { return nil }
        return try RequestFields(value, pointer: "\(pointer)/\(name)")
    }

    mutating func take(faultsOf other: RequestFields) { details += other.details }

    /// Members that nobody took are mistakes: a misspelt name must not be left out in silence.
    mutating func finish() {
        for member in members { fault(member.name, "there is no such member") }
        members = []
    }

    /// - Throws: 422 with everything that was wrong.
    func check() throws(Problem) {
        guard !details.isEmpty else { return }
        throw Problem(
            .unprocessableContent, "invalid_request", "The request cannot be used as it is.", details: details)
    }
}
