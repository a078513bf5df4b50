/// One way to write a value for each place that it may stand in.
package enum Escape {
    /// HTML text and quoted attributes. Control characters but tab and line feed have no place in either and are dropped.
    package static func html(_ text: some StringProtocol) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case _ where isControl(scalar): continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A value inside of an address: everything but the unreserved characters of RFC 3986 is percent-encoded.
    package static func url(_ text: some StringProtocol) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: bytes.append(byte)
            default: bytes += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One line without control characters: a subject, or a value in it. No header can begin inside of it.
    package static func line(_ text: some StringProtocol) -> String {
        var result = ""
        var isSpace = true
        for scalar in text.unicodeScalars {
            if isControl(scalar) || scalar.properties.isWhitespace {
                if !isSpace { result += " " }
                isSpace = true
            } else {
                result.unicodeScalars.append(scalar)
                isSpace = false
            }
        }
        if result.hasSuffix(" ") { result.removeLast() }
        return result
    }

    /// Plain text: lines end with LF, nothing else steers a terminal or a reader's direction.
    package static func text(_ text: some StringProtocol) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where scalar == "\n" || scalar == "\t" || !isControl(scalar) {
            result.append(scalar)
        }
        return String(result)
    }

    /// C0, C1, line and paragraph separators, and the marks that turn the direction of what follows.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...31, 127...159, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
