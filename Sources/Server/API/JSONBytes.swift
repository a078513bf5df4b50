import NIOCore

/// Writes JSON into one buffer; commas come by themselves.
struct JSONBytes {
    private(set) var buffer: ByteBuffer
    private var needsComma = false

    init(capacity: Int = 1024) { buffer = ByteBufferAllocator().buffer(capacity: capacity) }

    private mutating func begin() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
        needsComma = true
    }

    mutating func object(_ name: StaticString? = nil, _ body: (inout JSONBytes) -> Void) {
        nested(name, UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    mutating func list(_ name: StaticString? = nil, _ body: (inout JSONBytes) -> Void) {
        nested(name, UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    private mutating func nested(
        _ name: StaticString?, _ open: UInt8, _ close: UInt8, _ body: (inout JSONBytes) -> Void
    ) {
        begin()
        key(name)
        buffer.writeInteger(open)
        needsComma = false
        body(&self)
        buffer.writeInteger(close)
        needsComma = true
    }

    private mutating func key(_ name: StaticString?) {
        guard let name else { return }
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeStaticString(name)
        buffer.writeStaticString("\":")
    }

    mutating func set(_ name: StaticString?, _ value: String?) {
        begin()
        key(name)
        guard let value else {
            buffer.writeStaticString("null")
            return
        }
        buffer.writeInteger(UInt8(ascii: "\""))
        if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            buffer.writeString(value)
        } else {
            for byte in value.utf8 { write(byte) }
        }
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    private mutating func write(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            buffer.writeInteger(UInt8(ascii: "\\"))
            buffer.writeInteger(byte)
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            buffer.writeStaticString("\\u00")
            buffer.writeInteger(digits[Int(byte >> 4)])
            buffer.writeInteger(digits[Int(byte & 15)])
        default: buffer.writeInteger(byte)
        }
    }

    /// Values that are not finite become null: JSON has no word for them.
    mutating func set(_ name: StaticString?, _ value: Double) {
        begin()
        key(name)
        if value.isFinite { buffer.writeString(value.description) } else { buffer.writeStaticString("null") }
    }

    /// With the digits of single precision: that is how exact scores are.
    mutating func set(single name: StaticString?, _ value: Double) {
        begin()
        key(name)
        let single = Float(value)
        if single.isFinite { buffer.writeString(single.description) } else { buffer.writeStaticString("null") }
    }

    mutating func set(_ name: StaticString?, _ value: Int) {
        begin()
        key(name)
        buffer.writeString(String(value))
    }

    mutating func set(_ name: StaticString?, _ value: Bool) {
        begin()
        key(name)
        buffer.writeStaticString(value ? "true" : "false")
    }
}
