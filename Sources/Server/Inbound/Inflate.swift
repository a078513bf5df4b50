/// One deflate stream (RFC 1951).
///
/// Codes of up to nine bits, nearly all that occur, are looked up at once; longer ones are read bit by bit as in
/// M. Adler, "puff" (zlib, contrib).
struct Inflate {
    private let bytes: [UInt8]
    private(set) var place: Int
    private var bits: UInt64 = 0
    private var count = 0

    init(bytes: [UInt8], place: Int) {
        self.bytes = bytes
        self.place = place
    }

    private static let lengthBase: [UInt16] = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthExtra: [UInt8] = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBase: [UInt16] = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145, 8193, 12289, 16385, 24577,
    ]
    private static let distanceExtra: [UInt8] = [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ]
    private static let order: [Int] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    private static let fixedLengths = HuffmanCode(
        (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
    private static let fixedDistances = HuffmanCode([UInt8](repeating: 5, count: 30))

    /// Appends the stream's bytes; `place` is then the first byte after it.
    mutating func run(into output: inout [UInt8], limit: Int) throws(Gunzip.Fault) {
        let start = output.count
        var isLast = false
        repeat {
            isLast = try take(1) == 1
            switch try take(2) {
            case 0: try stored(into: &output, limit: limit)
            case 1: try block(Self.fixedLengths, Self.fixedDistances, into: &output, from: start, limit: limit)
            case 2:
                let (lengths, distances) = try codes()
                try block(lengths, distances, into: &output, from: start, limit: limit)
            default: throw .malformed("an unknown block")
            }
        } while !isLast
        // Whole bytes that were looked at and not used belong to what follows.
        place -= count / 8
        bits = 0
        count = 0
    }

    private mutating func fill() {
        while count <= 48, place < bytes.count {
            bits |= UInt64(bytes[place]) << UInt64(count)
            place += 1
            count += 8
        }
    }

    private mutating func take(_ width: Int) throws(Gunzip.Fault) -> Int {
        if width == 0 { return 0 }
        if count < width { fill() }
        guard count >= width else { throw .malformed("the body ends too early") }
        let value = Int(bits & (1 << UInt64(width) - 1))
        bits >>= UInt64(width)
        count -= width
        return value
    }

    private mutating func symbol(_ code: HuffmanCode) throws(Gunzip.Fault) -> Int {
        if count < 15 { fill() }
        let entry = code.fast[Int(bits & HuffmanCode.fastMask)]
        if entry != 0 {
            let width = Int(entry & 15)
            guard count >= width else { throw .malformed("the body ends too early") }
            bits >>= UInt64(width)
            count -= width
            return Int(entry >> 4)
        }
        var value = 0
        var first = 0
        var index = 0
        for width in 1...15 {
            value |= try take(1)
            let number = Int(code.counts[width])
            if value - number < first { return Int(code.symbols[index + value - first]) }
            index += number
            first = (first + number) << 1
            value <<= 1
        }
        throw .malformed("an unknown code")
    }

    private mutating func stored(into output: inout [UInt8], limit: Int) throws(Gunzip.Fault) {
        _ = try take(count % 8)
        place -= count / 8
        bits = 0
        count = 0
        guard place + 4 <= bytes.count else { throw .malformed("the body ends too early") }
        let length = Int(bytes[place]) | Int(bytes[place + 1]) << 8
        let inverse = Int(bytes[place + 2]) | Int(bytes[place + 3]) << 8
        guard length == ~inverse & 0xFFFF else { throw .malformed("a stored block is damaged") }
        place += 4
        guard place + length <= bytes.count else { throw .malformed("the body ends too early") }
        guard output.count + length <= limit else { throw .tooLarge }
        output += bytes[place..<place + length]
        place += length
    }

    private mutating func codes() throws(Gunzip.Fault) -> (HuffmanCode, HuffmanCode) {
        let literals = try take(5) + 257
        let distances = try take(5) + 1
        let widths = try take(4) + 4
        guard literals <= 286, distances <= 30 else { throw .malformed("too many codes") }
        var small = [UInt8](repeating: 0, count: 19)
        for index in 0..<widths { small[Self.order[index]] = UInt8(try take(3)) }
        let code = HuffmanCode(small)
        guard code.isWhole else { throw .malformed("the codes do not fit") }
        var lengths: [UInt8] = []
        while lengths.count < literals + distances {
            let symbol = try symbol(code)
            switch symbol {
            case 0..<16: lengths.append(UInt8(symbol))
            case 16:
                guard let last = lengths.last else { throw .malformed("nothing to repeat") }
                lengths += [UInt8](repeating: last, count: 3 + (try take(2)))
            case 17: lengths += [UInt8](repeating: 0, count: 3 + (try take(3)))
            default: lengths += [UInt8](repeating: 0, count: 11 + (try take(7)))
            }
        }
        guard lengths.count == literals + distances, lengths[256] != 0 else { throw .malformed("the codes do not fit") }
        let first = HuffmanCode(Array(lengths[..<literals]))
        let second = HuffmanCode(Array(lengths[literals...]))
        // A single code may leave its other half unused; any other gap, and every overlap, is damage.
        guard first.isWhole || first.isSingle, second.isWhole || second.isSingle else {
            throw .malformed("the codes do not fit")
        }
        return (first, second)
    }

    private mutating func block(
        _ literals: HuffmanCode, _ distances: HuffmanCode, into output: inout [UInt8], from start: Int, limit: Int
    ) throws(Gunzip.Fault) {
        while true {
            let symbol = try symbol(literals)
            if symbol < 256 {
                guard output.count < limit else { throw .tooLarge }
                output.append(UInt8(symbol))
                continue
            }
            if symbol == 256 { return }
            guard symbol < 286 else { throw .malformed("an unknown length") }
            let length = Int(Self.lengthBase[symbol - 257]) + (try take(Int(Self.lengthExtra[symbol - 257])))
            let far = try self.symbol(distances)
            guard far < 30 else { throw .malformed("an unknown distance") }
            let distance = Int(Self.distanceBase[far]) + (try take(Int(Self.distanceExtra[far])))
            guard distance <= output.count - start else { throw .malformed("a distance beyond the beginning") }
            guard output.count + length <= limit else { throw .tooLarge }
            var source = output.count - distance
            for _ in 0..<length {
                output.append(output[source])
                source += 1
            }
        }
    }
}

/// A canonical prefix code.
struct HuffmanCode {
    static let fastBits = 9
    static let fastMask: UInt64 = 1 << UInt64(fastBits) - 1
    /// symbol << 4 | width by the next nine bits; 0 = the code is longer, or there is none.
    private(set) var fast: [UInt16]
    private(set) var counts = [UInt16](repeating: 0, count: 16)
    private(set) var symbols: [UInt16]
    /// Every sequence of bits means something, and only one thing.
    private(set) var isWhole = false
    private(set) var isSingle = false

    init(_ widths: [UInt8]) {
        fast = [UInt16](repeating: 0, count: 1 << Self.fastBits)
        symbols = [UInt16](repeating: 0, count: widths.count)
        for width in widths { counts[Int(width)] += 1 }
        counts[0] = 0
        var offsets = [Int](repeating: 0, count: 17)
        var codes = [Int](repeating: 0, count: 17)
        var left = 1
        var isOver = false
        for width in 1...15 {
            left = left << 1 - Int(counts[width])
            if left < 0 { isOver = true }
            offsets[width + 1] = offsets[width] + Int(counts[width])
            codes[width + 1] = (codes[width] + Int(counts[width])) << 1
        }
        isWhole = !isOver && left == 0
        isSingle = !isOver && counts.reduce(0) { $0 + Int($1) } <= 1
        guard !isOver else { return }
        for (symbol, width) in widths.enumerated() where width != 0 {
            let width = Int(width)
            symbols[offsets[width]] = UInt16(symbol)
            offsets[width] += 1
            let code = codes[width]
            codes[width] += 1
            guard width <= Self.fastBits else { continue }
            // Codes come with their first bit first, numbers with their last.
            var reversed = 0
            for bit in 0..<width where code >> bit & 1 == 1 { reversed |= 1 << (width - 1 - bit) }
            var index = reversed
            while index < 1 << Self.fastBits {
                fast[index] = UInt16(symbol << 4 | width)
                index += 1 << width
            }
        }
    }
}
