/// Text as lines of at most 76 octets of ASCII. Source: RFC 2045, section 6.7.
package enum QuotedPrintable {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Encodes UTF-8 text; every line break (LF, CRLF, CR) becomes CRLF, and the last line ends with one.
    package static func encoded(_ text: String, into output: inout [UInt8]) {
        var column = 0
        var isAfterReturn = false
        let source = Array(text.utf8)
        output.reserveCapacity(output.count + source.count + source.count / 8)
        func isEnd(_ index: Int) -> Bool { index >= source.count || source[index] == 10 || source[index] == 13 }
        for (index, byte) in source.enumerated() {
            if byte == 10 || byte == 13 {
                if byte == 10 && isAfterReturn {
                    isAfterReturn = false
                    continue
                }
                isAfterReturn = byte == 13
                output += [13, 10]
                column = 0
                continue
            }
            isAfterReturn = false
            let isBlank = byte == 32 || byte == 9
            // A dot or "From " at the beginning of a line is what old servers change on the way.
            let isRisky = column == 0 && (byte == 46 || byte == 70)
            let isPlain = ((33...126).contains(byte) && byte != 61 && !isRisky) || (isBlank && !isEnd(index + 1))
            let width = isPlain ? 1 : 3
            if column + width > (isEnd(index + 1) ? 76 : 75) {
                output += [61, 13, 10]
                column = 0
            }
            // After a soft break the risk is there again.
            if isPlain && !(column == 0 && (byte == 46 || byte == 70)) {
                output.append(byte)
                column += 1
            } else {
                output += [61, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                column += 3
            }
        }
        if column > 0 || source.isEmpty { output += [13, 10] }
    }

    /// Decodes leniently: what is no escape stays as it is.
    package static func decoded(_ source: some Collection<UInt8>) -> [UInt8] {
        let bytes = Array(source)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 61 else {
                output.append(byte)
                index += 1
                continue
            }
            if index + 2 < bytes.count, let high = value(bytes[index + 1]), let low = value(bytes[index + 2]) {
                output.append(high << 4 | low)
                index += 3
                continue
            }
            var next = index + 1
            while next < bytes.count, bytes[next] == 32 || bytes[next] == 9 { next += 1 }
            if next < bytes.count, bytes[next] == 13 { next += 1 }
            if next < bytes.count, bytes[next] == 10 {
                index = next + 1
            } else if next >= bytes.count {
                index = next
            } else {
                output.append(byte)
                index += 1
            }
        }
        return output
    }

    static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
