/// The flat facts of an event, from its payload: what journeys and the warehouse may know.
///
/// `properties` of the tracking API, `data` of a CloudEvent; texts, numbers and flags of the first level. Left out is
/// what names a person: traits altogether, members named like personal data, values with an address in them.
enum EventAttributes {
    static let most = 40
    static let longest = 300

    /// Names, in lower case without `_` and `-`, that hold personal data whatever the value.
    private static let personal: Set<String> = [
        "email", "mail", "emailaddress", "phone", "phonenumber", "mobile", "fax", "name", "firstname", "lastname",
        "fullname", "surname", "givenname", "familyname", "address", "street", "birthday", "birthdate", "dateofbirth",
        "ip", "ipaddress", "username", "login", "avatar", "ssn", "patient", "useragent", "latitude", "longitude",
    ]

    static func read(_ payload: String) -> [String: String] {
        var scanner = JSONScanner(Array(payload.utf8))
        var result: [String: String] = [:]
        // A payload was checked when it came; one that an erasure emptied has no members.
        try? scanner.object { name, scanner throws(JSONScanFault) in
            guard name == "properties" || name == "data", try scanner.kind() == .object else {
                try scanner.skip()
                return
            }
            try scanner.object { name, scanner throws(JSONScanFault) in
                let value: String?
                switch try scanner.kind() {
                case .text: value = try scanner.text()
                case .number: value = try scanner.number()
                case .flag:
                    let range = try scanner.skip()
                    value = scanner.bytes[range.lowerBound] == UInt8(ascii: "t") ? "true" : "false"
                case .object, .list, .null:
                    try scanner.skip()
                    value = nil
                }
                guard let value, result.count < most, value.utf8.count <= longest, name.utf8.count <= 80,
                    !value.utf8.contains(UInt8(ascii: "@")), !isPersonal(name)
                else { return }
                result[name] = value
            }
        }
        return result
    }

    private static func isPersonal(_ name: String) -> Bool {
        personal.contains(name.lowercased().filter { $0 != "_" && $0 != "-" })
    }

    /// The payload of an event that a part of Rapport reports.
    static func payload(_ attributes: [String: String]) -> String {
        if attributes.isEmpty { return "{}" }
        let members = attributes.sorted { $0.key < $1.key }
            .map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
        return "{\"properties\":{\(members.joined(separator: ","))}}"
    }
}
